import fc from 'fast-check'
import { operationsOf, type ApiDocument } from './api-document.js'
import type { Actors } from './actors.js'
import type { KnownValues } from './known-values.js'
import type { RecordedChanges } from './recorded-changes.js'
import { Pace } from './pace.js'
import { requestsOf, type FuzzRequest, type RequestSources } from './requests.js'
import { ResponseCheck, type Received } from './response-check.js'

export interface FuzzOptions {
  url: string
  requests: number
  /** The same seed makes the same choices; ids differ. */
  seed: number
  document: ApiDocument
  known: KnownValues
  actors: Actors
  changes: RecordedChanges
  sources: Omit<RequestSources, 'document' | 'known' | 'now'>
  /** Headers that make a body authentic. */
  sign: (path: string, body: Buffer) => Record<string, string>
  /** Requests after which every other one would be refused. */
  isSkipped: (request: FuzzRequest) => boolean
  /** Called now and then: keeps something on sale. */
  replenish: () => Promise<void>
  /** Gets the report so far at the end of each lap and at each new failure. */
  onProgress?: (report: FuzzReport) => void
}

export interface FuzzReport {
  requests: number
  /** By lap; see `Pace`. */
  perSecond: number[]
  byStatus: Record<string, number>
  operations: number
  /** Operations that have accepted no request. */
  neverAccepted: string[]
  slowest: { ms: number; request: string }
  /** The first of each kind, at most `MAX_FAILURES`. */
  failures: string[]
}

const REPLENISHED_EVERY = 150
/** A response that takes longer is a hang. */
const DEADLINE_MS = 15_000
const MAX_FAILURES = 15
/** What refused requests and reads may change: they are counted, or test that the database accepts writes. */
const COUNTED = /^(login_failures|sessions): |^stored_values: .*"key": "(webhook-signatures:|readiness_)/

/** Sends generated requests to every operation, each in its turn, and compares what happens with the document. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { document, known, actors, changes, seed } = options
  const operations = operationsOf(document)
  const check = new ResponseCheck(document)
  const sources: RequestSources = { ...options.sources, document, known, now: Date.now() }
  const generators = operations.map((operation) => ({ operation, requests: requestsOf(operation, sources) }))
  const accepted = new Set<string>()
  const byStatus: Record<string, number> = {}
  const pace = new Pace()
  const failures = new Map<string, string>()
  let slowest = { ms: 0, request: '' }
  let sent = 0
  for (; sent < options.requests && failures.size < MAX_FAILURES; sent++) {
    if (sent % REPLENISHED_EVERY === 0) {
      await options.replenish()
      await changes.take()
    }
    const { operation, requests } = generators[sent % generators.length] as (typeof generators)[number]
    const [request] = fc.sample(requests, { numRuns: 1, seed: scattered(seed + sent) })
    if (!request) throw new Error(`no request to ${operation.name}`)
    if (pace.add()) options.onProgress?.(report())
    if (options.isSkipped(request)) continue
    const startedAt = performance.now()
    const received = await send(request, options).catch((error: unknown) => String(error))
    const ms = performance.now() - startedAt
    if (ms > slowest.ms) slowest = { ms, request: described(request) }
    const problems = typeof received === 'string' ? [received] : await problemsOf(request, received)
    for (const problem of problems) {
      const kind = `${operation.name}: ${problem.slice(0, 60)}`
      if (failures.has(kind)) continue
      failures.set(kind, `${described(request)}: ${problem}`)
      options.onProgress?.(report())
    }
    if (typeof received === 'string') continue
    byStatus[received.status] = (byStatus[received.status] ?? 0) + 1
    if (received.status < 400) accepted.add(operation.name)
    known.learn(received.text)
    await actors.renewAfter(request, received.status)
  }
  return report()

  function report(): FuzzReport {
    return {
      requests: sent,
      perSecond: pace.perSecond,
      operations: operations.length,
      byStatus,
      neverAccepted: operations.map(({ name }) => name).filter((name) => !accepted.has(name)),
      slowest,
      failures: [...failures.values()],
    }
  }

  async function problemsOf(request: FuzzRequest, received: Received): Promise<string[]> {
    const { status, text } = received
    const difference = check.problem(request.operation, received)
    const changed = await taken()
    const unexpected = isChange(request, received) || changed.length === 0 ? [] : await repeatedChanges(request)
    return [
      ...(status >= 500 ? [`a status of ${status}`] : []),
      ...(difference ? [difference] : []),
      ...(unexpected.length > 0 ? [`refused or a read, but it changed ${unexpected.join('; ').slice(0, 400)}`] : []),
    ].map((problem) => `${problem}; ${status} ${text.slice(0, 200)}`)
  }

  /** Jobs of earlier requests also change something: only what happens each time is of this one. */
  async function repeatedChanges(request: FuzzRequest): Promise<string[]> {
    const repeated = async () => (isChange(request, await send(request, options)) ? [] : taken())
    if ((await repeated()).length === 0) return []
    await changes.settled()
    return repeated()
  }

  async function taken(): Promise<string[]> {
    return (await changes.take()).filter((change) => !COUNTED.test(change))
  }
}

/** Neighbouring seeds begin with similar values. */
function scattered(seed: number): number {
  return Math.imul(seed ^ (seed >>> 16), 0x45d9f3b)
}

function isChange({ operation }: FuzzRequest, { status }: Received): boolean {
  return operation.method !== 'GET' && status < 400
}

async function send(request: FuzzRequest, { url, actors, sign }: FuzzOptions): Promise<Received> {
  const { operation, path, body } = request
  const response = await fetch(`${url}${path}`, {
    method: operation.method,
    headers: {
      ...actors.headers(request.actor),
      ...request.headers,
      ...(body?.contentType ? { 'content-type': body.contentType } : {}),
      ...(body ? sign(operation.path, body.bytes) : {}),
    },
    ...(body ? { body: new Uint8Array(body.bytes) } : {}),
    redirect: 'manual',
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  const contentType = response.headers.get('content-type')
  // The event stream does not end.
  const isStream = contentType?.startsWith('text/event-stream') ?? false
  if (isStream) await response.body?.cancel()
  return { status: response.status, contentType, text: isStream ? '' : await response.text() }
}

function described({ operation, actor, path, headers, body }: FuzzRequest): string {
  const shown = body ? ` ${body.contentType} ${body.bytes.toString('utf8').slice(0, 300)}` : ''
  return `${operation.method} ${path.slice(0, 200)} as ${actor} ${JSON.stringify(headers).slice(0, 200)}${shown}`
}
