import { Logger } from '@nestjs/common'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Unavailable, ValidationFailed } from '../../domain/errors.js'
import { withCorrelation } from '../logging/correlation.js'
import type { Metrics } from '../metrics/metrics.js'
import { publicPath } from './requests/request-path.js'
import { openRequestSpan, withinRequestSpan } from './request-spans.js'

const MAX_IN_FLIGHT = 2000

/** For every request: a correlation id (also in the response), a log line, the duration metric and the in-flight limit. */
export function registerRequestHooks(server: FastifyInstance, metrics: Metrics): void {
  propagateCorrelation(server)
  limitInFlight(server)
  rejectNul(server)
  recordRequests(server, metrics)
}

function propagateCorrelation(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    openRequestSpan(request, reply)
    within(request, done)
  })
  // Reading the body continues in the context of the socket: return to that of the request.
  server.addHook('preValidation', (request, _reply, done) => within(request, done))
}

/** Runs `work` with the correlation id and span of the request. */
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
    // Emitted for finished responses and for broken connections.
    reply.raw.once('close', () => {
      inFlight -= 1
    })
    return done()
  })
}

/** PostgreSQL text cannot contain NUL, and no field needs it. */
function rejectNul(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    done(request.url.includes('%00') ? ValidationFailed.of('url', 'must not contain NUL characters') : undefined)
  })
}

function recordRequests(server: FastifyInstance, metrics: Metrics): void {
  const logger = new Logger('Http')
  const seconds = metrics.histogram('http_request_seconds', 'HTTP request duration', ['method', 'route', 'status'])
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
  else if (isFrequent(route) && status < 400) logger.debug(fields, 'Request completed')
  else logger.log(fields, 'Request completed')
}

function isFrequent(route: string): boolean {
  return /^\/(webhooks|health|metrics)\b/.test(route)
}
