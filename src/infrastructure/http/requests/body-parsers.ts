import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ValidationFailed } from '../../../domain/errors.js'
import { BodyIntake } from '../load/body-intake.js'
import { isDelivery } from '../load/class-of-request.js'
import { jsonBody } from './json-body.js'
import { readBody } from './read-body.js'

/** Deliveries have limits of their own: a client that fills those of the API does not stop platforms from reporting sales. */
const DELIVERY_INTAKE = { bodies: 1_000, bodiesPerClient: 750, bytes: 32 * 1024 * 1024 }
const API_INTAKE = { bodies: 2_000, bodiesPerClient: 1_000, bytes: 64 * 1024 * 1024 }

/**
 * Bodies under /webhooks are passed as raw bytes for any content type, so that a route can verify their authenticity
 * before parsing. Everywhere else a body is a JSON object with storable text; a missing body is undefined.
 */
export function registerBodyParsers(server: FastifyInstance): void {
  const parseJson = jsonParserOf(server)
  const deliveries = new BodyIntake(DELIVERY_INTAKE)
  const others = new BodyIntake(API_INTAKE)
  const ends = new WeakMap<FastifyRequest, () => void>()
  // For finished responses and for broken connections.
  server.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => ends.get(request)?.())
    done()
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const intake = isDelivery(request) ? deliveries : others
    const body = await readBody(request, payload, intake, (incoming) => ends.set(request, () => intake.close(incoming)))
    return request.is404 || isDelivery(request) ? body : parseObject(request, body, parseJson)
  })
}

type JsonParser = (request: FastifyRequest, text: string) => Promise<unknown>

/** Fastify's own parser, which refuses keys that would change prototypes. Rejects with ValidationFailed. */
function jsonParserOf(server: FastifyInstance): JsonParser {
  const parse = server.getDefaultJsonParser('error', 'error')
  return (request, text) =>
    new Promise((resolve, reject) => {
      void parse(request, text, (error, value: unknown) => {
        if (error) reject(ValidationFailed.of('body', 'is not valid JSON'))
        else resolve(value)
      })
    })
}

async function parseObject(request: FastifyRequest, body: Buffer, parseJson: JsonParser): Promise<unknown> {
  if (body.length === 0) return undefined
  if (!isJson(request.headers['content-type'])) throw new UnsupportedMediaType()
  return jsonBody(await parseJson(request, body.toString('utf8')))
}

class UnsupportedMediaType extends Error {
  readonly statusCode = 415

  constructor() {
    super('Send the body as application/json.')
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType ?? '')
}
