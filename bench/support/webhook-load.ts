// The load generator of the webhook benchmark, in a process of its own: its parent sends a `LoadOrder`, it sends back a `Figure`.
import { createHmac } from 'node:crypto'
import { figureOf, type Figure } from './servers.js'
import { HttpConnection } from './http-connection.js'

export type Kind = 'eventbrite' | 'luma'

export interface LoadOrder {
  url: string
  kind: Kind
  /** Ids of all deliveries of a run are different: this is the first one. */
  firstId: number
  count: number
  connections: number
  /** Deliveries per second at fixed instants, whatever the responses are; null: each connection sends its next at once. */
  perSecond: number | null
  /** Signs Luma's deliveries. */
  secret: string
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (figure) => process.send?.(figure),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})

async function run(order: LoadOrder): Promise<Figure> {
  const requests = Array.from({ length: order.count }, (_, index) => requestOf(order, order.firstId + index))
  const { hostname, port } = new URL(order.url)
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => HttpConnection.open(hostname, Number(port))),
  )
  try {
    return await (order.perSecond === null
      ? closedLoop(requests, connections)
      : openLoop(requests, connections, order.perSecond))
  } finally {
    for (const connection of connections) connection.close()
  }
}

async function closedLoop(requests: readonly Buffer[], connections: readonly HttpConnection[]): Promise<Figure> {
  const latencies: number[] = []
  let next = 0
  const started = performance.now()
  const lane = async (connection: HttpConnection) => {
    while (next < requests.length) {
      const startedAt = performance.now()
      await send(connection, requests[next++]!)
      latencies.push(performance.now() - startedAt)
    }
  }
  await Promise.all(connections.map(lane))
  return figureOf(latencies, (performance.now() - started) / 1_000)
}

/** Latencies count from the intended instant: a request that finds every connection busy has been waiting since then. */
async function openLoop(
  requests: readonly Buffer[],
  connections: readonly HttpConnection[],
  perSecond: number,
): Promise<Figure> {
  const latencies: number[] = []
  const started = performance.now()
  const dueAt = (index: number) => started + (index * 1_000) / perSecond
  let next = 0
  const lane = async (connection: HttpConnection) => {
    while (next < requests.length) {
      const index = next++
      await until(dueAt(index))
      await send(connection, requests[index]!)
      latencies.push(performance.now() - dueAt(index))
    }
  }
  await Promise.all(connections.map(lane))
  return figureOf(latencies, (performance.now() - started) / 1_000)
}

async function until(instant: number): Promise<void> {
  for (;;) {
    const left = instant - performance.now()
    if (left <= 0) return
    await new Promise<void>((resolve) => (left > 1 ? setTimeout(resolve, left - 1) : setImmediate(resolve)))
  }
}

async function send(connection: HttpConnection, request: Buffer): Promise<void> {
  const { status, body } = await connection.send(request)
  if (status !== 202 || body !== '{"accepted":true}') throw new Error(`returned ${status} ${body}`)
}

function requestOf({ url, kind, secret }: LoadOrder, id: number): Buffer {
  const { host, pathname } = new URL(url)
  const body = JSON.stringify(kind === 'eventbrite' ? eventbriteBody(id) : lumaBody(id))
  const headers = kind === 'eventbrite' ? [] : signatureHeaders(`msg_${id}`, body, secret)
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function eventbriteBody(id: number) {
  return {
    config: {
      action: 'order.placed',
      user_id: '300000000001',
      endpoint_url: 'https://sync.example.com/x',
      webhook_id: '15900001',
    },
    api_url: `https://www.eventbriteapi.com/v3/orders/${15_600_000_000 + id}/`,
  }
}

function lumaBody(id: number) {
  return {
    type: 'guest.registered',
    data: {
      id: `gst-${id}`,
      user_name: 'Cy Example',
      user_email: 'cy@example.com',
      approval_status: 'approved',
      registered_at: '2026-11-05T18:00:00.000Z',
      event_tickets: [{ id: `eventticket-${id}`, event_ticket_type_id: null }],
      event_ticket_orders: [],
      event: { id: 'evt-bench' },
    },
  }
}

/** As Standard Webhooks signs. */
function signatureHeaders(id: string, body: string, secret: string): string[] {
  const timestamp = Math.floor(Date.now() / 1_000)
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return [`webhook-id: ${id}`, `webhook-timestamp: ${timestamp}`, `webhook-signature: v1,${signature}`]
}
