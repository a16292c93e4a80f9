import { skewed, systemClock } from '../kit/index.js'
import { startSimulator, type Simulator, type SimulatorOptions } from './server.js'

export interface Reply {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

export interface TestBench extends Simulator {
  /** One call of the API, with the accepted token unless told otherwise. */
  call: (method: string, path: string, options?: { json?: unknown; headers?: Record<string, string> }) => Promise<Reply>
  /** One call of the control surface. */
  ask: (method: string, path: string, json?: unknown) => Promise<Reply>
  advance: (ms: number) => void
}

/** For this simulator's own tests: a running one, a client, and a clock that can be moved. */
export async function startTestBench(options: SimulatorOptions = {}): Promise<TestBench> {
  let offset = 0
  const clock = skewed(systemClock, () => offset)
  const simulator = await startSimulator({ tokens: ['GOOD'], webhookPace: 0, clock, ...options })
  const call: TestBench['call'] = (method, path, { json, headers } = {}) =>
    send(method, `${simulator.url}${path}`, json, { authorization: 'Bearer GOOD', ...headers })
  const ask: TestBench['ask'] = (method, path, json) => send(method, `${simulator.controlUrl}${path}`, json, {})
  return { ...simulator, call, ask, advance: (ms) => void (offset += ms) }
}

async function send(method: string, url: string, json: unknown, headers: Record<string, string>): Promise<Reply> {
  const body = json === undefined ? undefined : JSON.stringify(json)
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...type, ...headers },
    body: body ?? null,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as Record<string, unknown> }
}
