import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Value = { stringValue?: string; intValue?: number; boolValue?: boolean; doubleValue?: number }

interface SentSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes?: { key: string; value: Value }[]
  links?: { traceId: string; spanId: string }[]
  events?: { name: string; attributes?: { key: string; value: Value }[] }[]
  status?: { code?: number; message?: string }
}

interface Export {
  resourceSpans: { resource: { attributes: { key: string; value: Value }[] }; scopeSpans: { spans: SentSpan[] }[] }[]
}

export interface Span {
  traceId: string
  spanId: string
  parentSpanId: string | null
  name: string
  attributes: Record<string, unknown>
  /** Trace ids. */
  links: string[]
  events: string[]
  failed: boolean
  /** Attributes of the resource. */
  service: Record<string, unknown>
}

export type Collector = Awaited<ReturnType<typeof startCollector>>

/** An OpenTelemetry collector that stores what it receives. `state.status` is the status of its responses; NEVER: it does not respond. */
export async function startCollector() {
  const spans: Span[] = []
  const requests: { url: string; headers: IncomingHttpHeaders; body: string }[] = []
  const state: { status: number | 'NEVER' } = { status: 200 }
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request)
      requests.push({ url: request.url ?? '', headers: request.headers, body })
      if (state.status === 'NEVER') return
      if (state.status === 200) spans.push(...spansOf(JSON.parse(body) as Export))
      response.writeHead(state.status, { 'content-type': 'application/json' }).end('{}')
    })()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans,
    state,
    trace: (traceId: string) => spans.filter((span) => span.traceId === traceId),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

/** The span and its ancestors, the root last. */
export function ancestryOf(span: Span, spans: readonly Span[]): Span[] {
  const parent = spans.find(({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId)
  return parent ? [span, ...ancestryOf(parent, spans)] : [span]
}

function spansOf({ resourceSpans }: Export): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = valuesOf(resource.attributes)
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(span, service)))
  })
}

function spanOf(sent: SentSpan, service: Record<string, unknown>): Span {
  const { traceId, spanId, parentSpanId, name, attributes, links = [], events = [], status } = sent
  return {
    traceId,
    spanId,
    parentSpanId: parentSpanId || null,
    name,
    attributes: valuesOf(attributes),
    links: links.map((link) => link.traceId),
    events: events.map((event) => event.name),
    failed: status?.code === 2,
    service,
  }
}

function valuesOf(attributes: readonly { key: string; value: Value }[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
