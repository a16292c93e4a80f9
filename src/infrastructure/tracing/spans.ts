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

/** Null: traces are off, and everything here does nothing. */
let tracer: Tracer | null = null

/** Spans are recorded by this tracer from now on; null: none are. */
export function recordWith(next: Tracer | null): void {
  tracer = next
}

export const areTracesOn = (): boolean => tracer !== null

export interface SpanPlan {
  kind?: SpanKind
  /** Never secrets, persons, query strings or texts of others. */
  attributes?: Attributes
  /** What it goes on from. Default: the span that is active. */
  parent?: Context
  /** Whether an error speaks against the work. Default: each does. */
  isFailure?: (error: unknown) => boolean
}

/** Begins a span that the caller ends; null while traces are off. */
export function startSpan(name: string, plan: Omit<SpanPlan, 'isFailure'>): Span | null {
  if (!tracer) return null
  const { kind = SpanKind.INTERNAL, attributes = {}, parent = context.active() } = plan
  return tracer.startSpan(name, { kind, attributes, links: linksIn(parent) }, parent)
}

/** Runs `work` as a span. An error is told by its name alone: what it says may be nobody's business. */
export async function traced<T>(name: string, plan: SpanPlan, work: () => Promise<T>): Promise<T> {
  const span = startSpan(name, plan)
  if (!span) return work()
  const { parent = context.active(), isFailure = () => true } = plan
  try {
    return await context.with(trace.setSpan(parent.deleteValue(LINKS), span), work)
  } catch (error) {
    if (isFailure(error)) span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) })
    throw error
  } finally {
    span.end()
  }
}

/** Says more about the active span. */
export function noteOnSpan(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes)
}

/** Something happened in the active span that took no time of its own. */
export function spanEvent(name: string, attributes: Attributes): void {
  trace.getActiveSpan()?.addEvent(name, attributes)
}

/** The work of the active span failed without an error; `why`: a word of ours. */
export function failSpan(why: string): void {
  trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: why })
}

export function activeTraceId(): string | undefined {
  return tracer ? trace.getActiveSpan()?.spanContext().traceId : undefined
}

/** The active span as a `traceparent`, to be kept with work that is done elsewhere; undefined: there is none. */
export function carry(): string | undefined {
  const carrier: Record<string, string> = {}
  if (tracer) propagation.inject(context.active(), carrier)
  return carrier['traceparent']
}

/** The context to go on from. Nothing, or nothing that can be read: a new trace. */
export function carried(traceparent: string | undefined): Context {
  return tracer && traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT
}

/** Joins the active span with one of another trace. */
export function linkTo(traceparent: string): void {
  const other = trace.getSpanContext(carried(traceparent))
  if (other) trace.getActiveSpan()?.addLink({ context: other })
}

/** Links for the next span within a context. */
const LINKS = createContextKey('links of the next span')
const MAX_LINKS = 32

function linksIn(parent: Context): Link[] {
  return (parent.getValue(LINKS) as Link[] | undefined) ?? []
}

/** What asked for one piece of work to be done later: the trace of the first goes on in it, those of others are linked. */
export class Causes {
  private readonly spans: SpanContext[] = []

  /** Notes the active span, if there is one. */
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
