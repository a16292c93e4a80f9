import { skewed, systemClock } from '../kit/index.js'
import { startSimulator, type EventbriteSimulator, type SimulatorOptions } from './server.js'

export interface Reply {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

export interface TestHarness extends EventbriteSimulator {
  /** Calls the API, with the accepted token unless the headers override it. */
  call: (method: string, path: string, options?: { json?: unknown; headers?: Record<string, string> }) => Promise<Reply>
  /** Calls a control route. */
  callControl: (method: string, path: string, json?: unknown) => Promise<Reply>
  advance: (ms: number) => void
}

/** For the simulator's own tests: a running simulator, a client and an adjustable clock. */
export async function startTestHarness(options: SimulatorOptions = {}): Promise<TestHarness> {
  let offset = 0
  const clock = skewed(systemClock, () => offset)
  const simulator = await startSimulator({ tokens: ['GOOD'], webhookPace: 0, clock, ...options })
  const call: TestHarness['call'] = (method, path, { json, headers } = {}) =>
    send(method, `${simulator.url}${path}`, json, { authorization: 'Bearer GOOD', ...headers })
  const callControl: TestHarness['callControl'] = (method, path, json) =>
    send(method, `${simulator.controlUrl}${path}`, json, {})
  return { ...simulator, call, callControl, advance: (ms) => void (offset += ms) }
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
