import { Logger } from '@nestjs/common'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ValidationFailed } from '../../domain/errors.js'
import { withCorrelation } from '../logging/correlation.js'
import type { Metrics } from '../metrics/metrics.js'
import { withWorkClass } from '../work-class.js'
import { isTrustedPeer, type TrustProxy } from './clients/addresses.js'
import { clientOfRequest } from './clients/client-address.js'
import { classOfRequest } from './load/class-of-request.js'
import { Concurrency, CONCURRENCY } from './load/concurrency.js'
import { onLeave } from './load/open-requests.js'
import type { StaffCallers } from './load/staff-callers.js'
import { publicPath } from './requests/request-path.js'
import { openRequestSpan, withinRequestSpan } from './request-spans.js'

interface RequestHooks {
  metrics: Metrics
  staff: StaffCallers
  trust: TrustProxy
  /** Whether lines of the level `debug` are written. */
  logsDebug: boolean
}

/** For every request: a correlation id (also in the response), a log line, the duration metric and limits of concurrency. */
export function registerRequestHooks(
  server: FastifyInstance,
  { metrics, staff, trust, logsDebug }: RequestHooks,
): void {
  propagateCorrelation(server, trust)
  limitConcurrency(server, staff)
  rejectNul(server)
  recordRequests(server, metrics, logsDebug)
}

function propagateCorrelation(server: FastifyInstance, trust: TrustProxy): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    openRequestSpan(request, reply, isTrustedPeer(request.socket, trust))
    within(request, done)
  })
  // Reading the body continues in the context of the socket: return to that of the request.
  server.addHook('preValidation', (request, _reply, done) => within(request, done))
}

/** Runs `work` with the correlation id and span of the request. */
function within(request: FastifyRequest, work: () => void): void {
  withCorrelation(request.id, () => withinRequestSpan(request, work))
}

/**
 * Counts a request from when its body is complete: until then it occupies a connection, and memory that is bounded elsewhere.
 * What handles the request runs in the class of its caller.
 */
function limitConcurrency(server: FastifyInstance, staff: StaffCallers): void {
  const classes = {
    DELIVERY: new Concurrency(CONCURRENCY.DELIVERY),
    STAFF: new Concurrency(CONCURRENCY.STAFF),
    PUBLIC: new Concurrency(CONCURRENCY.PUBLIC),
  }
  server.addHook('preValidation', (request, reply, done) => {
    const workClass = classOfRequest(request, staff)
    if (workClass === 'HEALTH') return withWorkClass(workClass, done)
    const concurrency = classes[workClass]
    const client = clientOfRequest(request)
    const refusal = concurrency.enter(client)
    if (refusal) return done(refusal)
    const leave = onLeave(request, () => concurrency.leave(client))
    // For finished responses and for broken connections.
    if (reply.raw.closed) leave()
    else reply.raw.once('close', leave)
    return withWorkClass(workClass, done)
  })
}

/** PostgreSQL text cannot contain NUL, and no field needs it. */
function rejectNul(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    done(request.url.includes('%00') ? ValidationFailed.of('url', 'must not contain NUL characters') : undefined)
  })
}

function recordRequests(server: FastifyInstance, metrics: Metrics, logsDebug: boolean): void {
  const logger = new Logger('Http')
  const seconds = metrics.histogram('http_request_seconds', 'HTTP request duration', ['method', 'route', 'status'])
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched'
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
    const isQuiet = isFrequent(route) && reply.statusCode < 400
    if (!isQuiet || logsDebug) within(request, () => logLine(logger, request, reply, isQuiet))
    done()
  })
}

function logLine(logger: Logger, request: FastifyRequest, reply: FastifyReply, isQuiet: boolean): void {
  const { statusCode: status } = reply
  const fields = { method: request.method, path: publicPath(request.url), status, ms: Math.round(reply.elapsedTime) }
  if (status >= 500) logger.error(fields, 'Request failed')
  else if (isQuiet) logger.debug(fields, 'Request completed')
  else logger.log(fields, 'Request completed')
}

function isFrequent(route: string): boolean {
  return /^\/(webhooks|health|metrics)\b/.test(route)
}
