import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isTracingEnabled, startSpan } from '../tracing/spans.js'
import { isRead } from './requests/is-read.js'

const contexts = new WeakMap<FastifyRequest, Context>()

/**
 * Starts the span of a request that may change something, such as a webhook. It ends with the response. Its name is the
 * route: paths may contain secrets. `continuesTrace`: whether the caller may decide, by its `traceparent`, to which trace
 * it belongs and whether it is recorded.
 */
export function openRequestSpan(request: FastifyRequest, reply: FastifyReply, continuesTrace: boolean): void {
  const { method, headers, id } = request
  const route = request.routeOptions.url
  if (!isTracingEnabled() || route === undefined || isRead(request)) return
  const parent = continuesTrace ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT
  const attributes = { 'http.request.method': method, 'http.route': route, 'traffic_police.correlation_id': id }
  const span = startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, parent, attributes })
  if (!span) return
  contexts.set(request, trace.setSpan(parent, span))
  // Emitted for finished responses and for broken connections.
  reply.raw.once('close', () => {
    const { writableFinished, statusCode } = reply.raw
    if (writableFinished) span.setAttribute('http.response.status_code', statusCode)
    if (!writableFinished || statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  })
}

/** Runs `work` within the request's span, if it has one. */
export function withinRequestSpan(request: FastifyRequest, work: () => void): void {
  const requestContext = contexts.get(request)
  if (requestContext) context.with(requestContext, work)
  else work()
}
