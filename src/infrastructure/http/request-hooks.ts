import { Logger } from '@nestjs/common'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Unavailable, ValidationFailed } from '../../domain/errors.js'
import { withCorrelation } from '../logging/correlation.js'
import type { Metrics } from '../metrics/metrics.js'
import { publicPath } from './request-path.js'
import { openRequestSpan, withinRequestSpan } from './request-spans.js'

const MAX_IN_FLIGHT = 2000

/** Every request has a correlation id (also in its answer), a log line, a place in the histogram and a limit. */
export function registerRequestHooks(server: FastifyInstance, metrics: Metrics): void {
  keepCorrelation(server)
  limitInFlight(server)
  refuseNul(server)
  record(server, metrics)
}

function keepCorrelation(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    openRequestSpan(request, reply)
    within(request, done)
  })
  // Reading the body goes on in the context of the socket: step back into that of the request.
  server.addHook('preValidation', (request, _reply, done) => within(request, done))
}

/** Log lines and spans of `work` belong to the request. */
function within(request: FastifyRequest, work: () => void): void {
  withCorrelation(request.id, () => withinRequestSpan(request, work))
}

function limitInFlight(server: FastifyInstance): void {
  const admitted = new WeakSet<FastifyRequest>()
  let inFlight = 0
  server.addHook('onRequest', (request, reply, done) => {
    if (inFlight >= MAX_IN_FLIGHT) return done(new Unavailable('Too many requests at once.', { retryAfterSeconds: 1 }))
    inFlight += 1
    admitted.add(request)
    // Fires for finished and for broken connections alike.
    reply.raw.once('close', () => {
      inFlight -= 1
    })
    return done()
  })
}

/** PostgreSQL's text has no NUL; no field of ours has a use for it. */
function refuseNul(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    done(request.url.includes('%00') ? ValidationFailed.of('url', 'must not contain NUL characters') : undefined)
  })
}

function record(server: FastifyInstance, metrics: Metrics): void {
  const logger = new Logger('Http')
  const seconds = metrics.histogram('http_request_seconds', 'Time to answer a request', ['method', 'route', 'status'])
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched'
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
    within(request, () => logLine(logger, request, reply, route))
    done()
  })
}

function logLine(logger: Logger, request: FastifyRequest, reply: FastifyReply, route: string): void {
  const { statusCode: status } = reply
  const fields = { method: request.method, path: publicPath(request.url), status, ms: Math.round(reply.elapsedTime) }
  if (status >= 500) logger.error(fields, 'Request failed')
  else if (isFrequent(route) && status < 400) logger.debug(fields, 'Request answered')
  else logger.log(fields, 'Request answered')
}

function isFrequent(route: string): boolean {
  return /^\/(webhooks|health|metrics)\b/.test(route)
}
