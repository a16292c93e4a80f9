import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ValidationFailed } from '../../domain/errors.js'

/**
 * Bodies under /webhooks arrive as raw bytes whatever they are called, so that a route can check their authenticity
 * before their shape. Everywhere else a body is a JSON object; a missing one is undefined.
 */
export function registerBodyParsers(server: FastifyInstance): void {
  const parseJson = server.getDefaultJsonParser('error', 'error')
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (request.is404 || isWebhook(request)) return done(null, body)
    if (body.length === 0) return done(null, undefined)
    if (!isJson(request.headers['content-type'])) return done(new UnsupportedMediaType(), undefined)
    const text = body.toString('utf8')
    if (/\\u0000/.test(text)) return done(ValidationFailed.of('body', 'must not contain NUL characters'), undefined)
    return parseJson(request, text, (error, value: unknown) => {
      if (error) return done(ValidationFailed.of('body', 'is not valid JSON'), undefined)
      return isObject(value) ? done(null, value) : done(ValidationFailed.of('body', 'must be a JSON object'), undefined)
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
