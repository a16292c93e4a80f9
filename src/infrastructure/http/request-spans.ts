import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { areTracesOn, startSpan } from '../tracing/spans.js'

/** What only reads leads to nothing that could be followed. */
const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

const contexts = new WeakMap<FastifyRequest, Context>()

/**
 * Begins the span of a request that may change something, such as a webhook; it goes on from the caller's
 * `traceparent` and ends with the answer. It is named by its route: addresses may hold secrets.
 */
export function openRequestSpan(request: FastifyRequest, reply: FastifyReply): void {
  const { method, headers, id } = request
  const route = request.routeOptions.url
  if (!areTracesOn() || route === undefined || READS.has(method)) return
  const parent = propagation.extract(ROOT_CONTEXT, headers)
  const attributes = { 'http.request.method': method, 'http.route': route, 'traffic_police.correlation_id': id }
  const span = startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, parent, attributes })
  if (!span) return
  contexts.set(request, trace.setSpan(parent, span))
  // Fires for finished and for broken connections alike.
  reply.raw.once('close', () => {
    const { writableFinished, statusCode } = reply.raw
    if (writableFinished) span.setAttribute('http.response.status_code', statusCode)
    if (!writableFinished || statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  })
}

/** Runs `work` within the request's span, if it has one. */
export function withinRequestSpan(request: FastifyRequest, work: () => void): void {
  const own = contexts.get(request)
  if (own) context.with(own, work)
  else work()
}
