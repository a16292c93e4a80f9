import { get } from 'node:http'
import { KeepAliveConnection } from './keep-alive-connection.js'
import { figureOf, type Figure } from './servers.js'

/** The task of a load process: reads over kept-alive connections, each of which sends its next request at once. */
export interface ReadLoad {
  kind: 'reads'
  url: string
  paths: readonly string[]
  /** Access tokens, which take turns; empty: the server has no accounts. */
  tokens: readonly string[]
  connections: number
  seconds: number
  /** What each response is checked for. */
  expect: 'STOCK' | 'EVENTS'
}

export interface ReadResult extends Figure {
  /** Responses, all as expected. */
  count: number
}

/** The task of a load process: open event streams, until it is closed. */
export interface StreamLoad {
  kind: 'streams'
  url: string
  tokens: readonly string[]
  count: number
  eventId: string
}

/** How fresh `asOf` has to be: the clocks of the service and of this process differ by a little, ms. */
const CLOCK_DIFFERENCE_MS = 100

/** Runs the reads; rejects with the first response that is not as expected. */
export async function runReads({ url, paths, tokens, connections, seconds, expect }: ReadLoad): Promise<ReadResult> {
  const target = new URL(url)
  const latencies: number[] = []
  const started = performance.now()
  const until = started + seconds * 1_000
  const lane = async (index: number) => {
    const connection = new KeepAliveConnection(target)
    try {
      for (let next = index, at = started; at < until; next += connections) {
        const path = paths[next % paths.length] ?? ''
        const token = tokens[next % Math.max(1, tokens.length)]
        const authorization = token === undefined ? '' : `\r\nauthorization: Bearer ${token}`
        const sentAt = Date.now()
        at = performance.now()
        const head = `GET ${path} HTTP/1.1\r\nhost: ${target.host}${authorization}`
        const { status, body } = await connection.get(head)
        latencies.push(performance.now() - at)
        if (status !== 200) throw new Error(`${path}: ${status} ${body}`)
        if (expect === 'STOCK') assertStock(path, body, token === undefined ? null : sentAt)
        else assertEvents(body)
      }
    } finally {
      connection.close()
    }
  }
  await Promise.all(Array.from({ length: connections }, (_, index) => lane(index)))
  return { ...figureOf(latencies, (performance.now() - started) / 1_000), count: latencies.length }
}

interface Stock {
  eventId: string
  capacity: number
  sold: number
  held: number
  available: number
  asOf: string
}

/** `sentAt`: the stock must not be older than the request. */
function assertStock(path: string, body: string, sentAt: number | null): void {
  const { eventId, capacity, sold, held, available, asOf } = JSON.parse(body) as Stock
  const isOld = sentAt !== null && Date.parse(asOf) < sentAt - CLOCK_DIFFERENCE_MS
  if (!path.includes(eventId) || available !== capacity - sold - held || isOld) throw new Error(`${path}: ${body}`)
}

function assertEvents(body: string): void {
  const { items } = JSON.parse(body) as { items: { state: string }[] }
  if (items.length === 0 || items.some(({ state }) => state !== 'ON_SALE'))
    throw new Error(`not events on sale: ${body}`)
}

export interface Streams {
  /** Since the last call: `stock` messages of the event per stream, the fewest and the most. */
  take(): { fewest: number; most: number; lastHeld: number[] }
  close(): void
}

/** Opens the streams; rejects when one is refused. */
export async function openStreams({ url, tokens, count, eventId }: StreamLoad): Promise<Streams> {
  const streams: { messages: number; held: number }[] = []
  const closers: (() => void)[] = []
  const open = (index: number) =>
    new Promise<void>((resolve, reject) => {
      const authorization = `Bearer ${tokens[index % tokens.length]}`
      const request = get(`${url}/api/v1/stream`, { agent: false, headers: { authorization } }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`a stream was refused: ${response.statusCode}`))
        const stream = { messages: 0, held: -1 }
        streams.push(stream)
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const blocks = (text + chunk).split('\n\n')
          text = blocks.pop() ?? ''
          for (const block of blocks) {
            if (!block.startsWith('event: stock\n') || !block.includes(eventId)) continue
            stream.messages += 1
            stream.held = Number(/"held":(\d+)/.exec(block)?.[1])
          }
        })
        response.on('error', () => undefined)
        resolve()
      })
      request.on('error', reject)
      closers.push(() => request.destroy())
    })
  for (let index = 0; index < count; index++) await open(index)
  return {
    take: () => {
      const counts = streams.map(({ messages }) => messages)
      for (const stream of streams) stream.messages = 0
      return {
        fewest: Math.min(...counts),
        most: Math.max(...counts),
        lastHeld: [...new Set(streams.map(({ held }) => held))],
      }
    },
    close: () => closers.forEach((close) => close()),
  }
}
