import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ValidationFailed } from '../../../domain/errors.js'
import { findInvalidText } from '../../text/invalid-text.js'

/**
 * Bodies under /webhooks are passed as raw bytes for any content type, so that a route can verify their authenticity
 * before parsing. Everywhere else a body is a JSON object with storable text; a missing body is undefined.
 */
export function registerBodyParsers(server: FastifyInstance): void {
  const parseJson = server.getDefaultJsonParser('error', 'error')
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (request.is404 || isWebhook(request)) return done(null, body)
    if (body.length === 0) return done(null, undefined)
    if (!isJson(request.headers['content-type'])) return done(new UnsupportedMediaType(), undefined)
    return parseJson(request, body.toString('utf8'), (error, value: unknown) => {
      if (error) return done(ValidationFailed.of('body', 'is not valid JSON'), undefined)
      if (!isObject(value)) return done(ValidationFailed.of('body', 'must be a JSON object'), undefined)
      const invalid = findInvalidText(value)
      return invalid ? done(ValidationFailed.of(invalid.field, invalid.message), undefined) : done(null, value)
    })
  })
}

class UnsupportedMediaType extends Error {
  readonly statusCode = 415

  constructor() {
    super('Send the body as application/json.')
  }
}

function isWebhook(request: FastifyRequest): boolean {
  return request.routeOptions.url?.startsWith('/webhooks/') ?? false
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType ?? '')
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
