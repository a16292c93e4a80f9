import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'

/** Null: tracing is disabled, and all functions here do nothing. */
let tracer: Tracer | null = null

/** Sets the tracer that records spans; null disables tracing. */
export function setTracer(next: Tracer | null): void {
  tracer = next
}

export const isTracingEnabled = (): boolean => tracer !== null

export interface SpanOptions {
  kind?: SpanKind
  /** Never secrets, personal data, query strings or third-party text. */
  attributes?: Attributes
  /** The parent context. Default: the active span. */
  parent?: Context
  /** Whether an error marks the span as failed. Default: every error does. */
  isFailure?: (error: unknown) => boolean
}

/** Starts a span that the caller must end; null while tracing is disabled. */
export function startSpan(name: string, options: Omit<SpanOptions, 'isFailure'>): Span | null {
  if (!tracer) return null
  const { kind = SpanKind.INTERNAL, attributes = {}, parent = context.active() } = options
  return tracer.startSpan(name, { kind, attributes, links: linksIn(parent) }, parent)
}

/** Runs `work` within a span. Errors are recorded by name only: their messages may be confidential. */
export async function traced<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  const span = startSpan(name, options)
  if (!span) return work()
  const { parent = context.active(), isFailure = () => true } = options
  try {
    return await context.with(trace.setSpan(parent.deleteValue(LINKS), span), work)
  } catch (error) {
    if (isFailure(error)) span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) })
    throw error
  } finally {
    span.end()
  }
}

/** Adds attributes to the active span. */
export function setSpanAttributes(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes)
}

/** Adds an event without a duration to the active span. */
export function spanEvent(name: string, attributes: Attributes): void {
  trace.getActiveSpan()?.addEvent(name, attributes)
}

/** Marks the active span as failed without an error. `reason` must not contain third-party text. */
export function failSpan(reason: string): void {
  trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: reason })
}

export function activeTraceId(): string | undefined {
  return tracer ? trace.getActiveSpan()?.spanContext().traceId : undefined
}

/** The active span as a `traceparent`, to be stored with work that is done elsewhere; undefined: there is none. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {}
  if (tracer) propagation.inject(context.active(), carrier)
  return carrier['traceparent']
}

/** The context of a `traceparent`. Missing or invalid: a new trace. */
export function contextFromTraceparent(traceparent: string | undefined): Context {
  return tracer && traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT
}

/** Links the active span to a span of another trace. */
export function linkTo(traceparent: string): void {
  const other = trace.getSpanContext(contextFromTraceparent(traceparent))
  if (other) trace.getActiveSpan()?.addLink({ context: other })
}

/** Context key: links for the next span. */
const LINKS = createContextKey('links of the next span')
const MAX_LINKS = 32

function linksIn(parent: Context): Link[] {
  return (parent.getValue(LINKS) as Link[] | undefined) ?? []
}

/** The spans that requested one deferred piece of work: it continues the trace of the first and links the others. */
export class CausingSpans {
  private readonly spans: SpanContext[] = []

  /** Adds the active span, if there is one. */
  add(): void {
    const span = tracer ? trace.getActiveSpan()?.spanContext() : undefined
    if (!span || this.spans.length > MAX_LINKS) return
    if (!this.spans.some(({ traceId }) => traceId === span.traceId)) this.spans.push(span)
  }

  run<T>(work: () => T): T {
    const [first, ...others] = this.spans
    if (!first) return work()
    const links = others.map((span): Link => ({ context: span }))
    return context.with(trace.setSpanContext(ROOT_CONTEXT, first).setValue(LINKS, links), work)
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
