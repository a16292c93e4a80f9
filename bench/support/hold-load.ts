import { KeepAliveConnection, type HttpResponse } from './keep-alive-connection.js'
import { figureOf, type Figure } from './servers.js'

/** The task of a load process: requests for one ticket each. */
export interface HoldLoad {
  url: string
  eventIds: readonly string[]
  /** Access tokens of customers, who take turns; empty: the server has no accounts. */
  tokens: readonly string[]
  connections: number
  seconds: number
  /** Requests per second, whatever earlier ones take (open loop); null: each connection sends its next at once. */
  rate: number | null
  /** What every response has to be. */
  expect: 'GRANTED' | 'SOLD_OUT'
}

export interface HoldLoadResult extends Figure {
  /** Responses, all as expected. */
  count: number
}

/** Runs the load; rejects with the first response that is not as expected. */
export async function runHoldLoad(load: HoldLoad): Promise<HoldLoadResult> {
  const lanes = Array.from({ length: load.connections }, (_, index) => new Lane(load, index))
  try {
    return await (load.rate === null ? closedLoop(load, lanes) : openLoop(load, load.rate, lanes))
  } finally {
    for (const lane of lanes) lane.close()
  }
}

/** At least one request of each connection. */
async function closedLoop({ seconds }: HoldLoad, lanes: readonly Lane[]): Promise<HoldLoadResult> {
  const latencies: number[] = []
  const started = performance.now()
  const until = started + seconds * 1_000
  const run = async (lane: Lane) => {
    let at = started
    do {
      at = performance.now()
      await lane.hold()
      latencies.push(performance.now() - at)
    } while (performance.now() < until)
  }
  await Promise.all(lanes.map(run))
  return { ...figureOf(latencies, (performance.now() - started) / 1_000), count: latencies.length }
}

/** Latencies count from when a request was due, so that one that had to wait for a connection is not counted as fast. */
async function openLoop({ seconds }: HoldLoad, rate: number, lanes: readonly Lane[]): Promise<HoldLoadResult> {
  const latencies: number[] = []
  const free = [...lanes]
  const due: number[] = []
  const total = Math.round(rate * seconds)
  const started = performance.now()
  let scheduled = 0
  let finished = started
  await new Promise<void>((resolve, reject) => {
    const hold = async (lane: Lane, at: number) => {
      await lane.hold()
      finished = performance.now()
      latencies.push(finished - at)
      free.push(lane)
      if (latencies.length === total) resolve()
      else dispatch()
    }
    const dispatch = () => {
      while (due.length > 0 && free.length > 0) hold(free.shift() as Lane, due.shift() ?? 0).catch(reject)
    }
    const tick = () => {
      const now = performance.now()
      for (; scheduled < total && started + (scheduled * 1_000) / rate <= now; scheduled++) {
        due.push(started + (scheduled * 1_000) / rate)
      }
      dispatch()
      if (scheduled < total) setTimeout(tick, 1)
    }
    tick()
  })
  return { ...figureOf(latencies, (finished - started) / 1_000), count: latencies.length }
}

const BODY = JSON.stringify({ quantity: 1 })

/** A connection and the requests it sends: of other customers and for other events each time, as behind a proxy. */
class Lane {
  private readonly connection: KeepAliveConnection
  private readonly host: string
  private next: number

  constructor(
    private readonly load: HoldLoad,
    index: number,
  ) {
    const url = new URL(load.url)
    this.host = url.host
    this.connection = new KeepAliveConnection(url)
    this.next = index
  }

  async hold(): Promise<void> {
    const { eventIds, tokens, connections, expect } = this.load
    const eventId = eventIds[this.next % eventIds.length] ?? ''
    const token = tokens[this.next % Math.max(1, tokens.length)]
    // With the connections the turns of all lanes go through all customers and events evenly.
    this.next += connections
    const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
    const head = `POST /api/v1/events/${eventId}/holds HTTP/1.1\r\nhost: ${this.host}\r\n${authorization}content-type: application/json`
    const response = await this.connection.send(head, BODY)
    const isExpected = expect === 'GRANTED' ? isGranted(response) : isSoldOut(response)
    if (!isExpected) throw new Error(`not ${expect}: ${response.status} ${response.body}`)
  }

  close(): void {
    this.connection.close()
  }
}

function isGranted({ status, body }: HttpResponse): boolean {
  if (status !== 201) return false
  const { id, state, quantity } = JSON.parse(body) as { id: unknown; state: unknown; quantity: unknown }
  return typeof id === 'string' && state === 'HELD' && quantity === 1
}

function isSoldOut({ status, body }: HttpResponse): boolean {
  return status === 409 && (JSON.parse(body) as { code: unknown }).code === 'SOLD_OUT'
}
