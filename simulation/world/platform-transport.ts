import { AxiosError, CanceledError, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'
import type { Simulator } from '../../simulators/kit/index.js'
import type { Timers } from '../../src/infrastructure/time/timers.js'
import { NotConnected, type PlatformTransport } from '../../src/platforms/http/platform-transport.js'

/** `REFUSED`: at once. `UNREACHABLE`: nothing responds, and connecting times out. */
export type Reach = 'OPEN' | 'REFUSED' | 'UNREACHABLE'

export interface NetworkOptions {
  timers: Timers
  /** How a connection to an origin fares now; default: each is open. Requests in progress continue. */
  reach?: (origin: string) => Reach
  /** Until a connection to an unreachable one is given up, ms. */
  connectMs?: number
  /** Closes all connections, as the end of the process does: a write that a platform applies late starts to land then. */
  closing?: AbortSignal
  /** Whether the credentials in a header are revoked: their platform knows none like them any more. */
  isRevoked?: (header: string) => boolean
  /** Time outside the process, which passes while it is suspended. Default: requests stay open until the client ends them. */
  outside?: Timers
}

/**
 * The network ends a request slightly after its client does. One of a suspended client would otherwise stay open until it
 * resumes, and a write that is applied late would only then start to land: long after any other process can know of it.
 */
const OPEN_MS = 10_100

type Server = Pick<Simulator, 'url' | 'handle'>

/** Reaches simulators in this process by the origins of their URLs; nothing listens at any other. */
export function transportTo(servers: readonly Server[], options: NetworkOptions): PlatformTransport {
  const byOrigin = new Map(servers.map((server) => [new URL(server.url).origin, server]))
  const adapter: AxiosAdapter = async (config) => {
    const url = config.url ?? ''
    const { origin } = new URL(url)
    const server = byOrigin.get(origin)
    await connect(server ? (options.reach?.(origin) ?? 'OPEN') : 'REFUSED', config, options)
    const ended = new AbortController()
    const cancel = options.outside?.after(OPEN_MS, () => ended.abort())
    const response = await server?.handle({
      method: (config.method ?? 'get').toUpperCase(),
      url,
      headers: headersOf(config, options.isRevoked),
      body: config.data as string | undefined,
      signal: signalOf(config, options, ended.signal),
    })
    cancel?.()
    if (response) return { ...response, data: response.body, statusText: '', config }
    if (config.signal?.aborted) throw new CanceledError(undefined, config)
    throw new AxiosError('socket hang up', 'ECONNRESET', config)
  }
  return { adapter }
}

function signalOf(
  { signal }: InternalAxiosRequestConfig,
  { closing }: NetworkOptions,
  ended: AbortSignal,
): AbortSignal {
  return AbortSignal.any([signal as AbortSignal | undefined, closing, ended].filter((one) => one !== undefined))
}

/** @throws NotConnected */
async function connect(
  reach: Reach,
  config: InternalAxiosRequestConfig,
  { timers, connectMs = 3_000 }: NetworkOptions,
): Promise<void> {
  if (reach === 'OPEN') return
  if (reach === 'REFUSED') throw new NotConnected('connect ECONNREFUSED', 'ECONNREFUSED', config)
  await timers.sleep(connectMs)
  throw new NotConnected(`no connection within ${connectMs} ms`, 'ETIMEDOUT', config)
}

function headersOf(
  { headers }: InternalAxiosRequestConfig,
  isRevoked: NetworkOptions['isRevoked'] = () => false,
): Record<string, string> {
  const sent = Object.entries(headers.toJSON()).filter(([, value]) => value !== null && value !== undefined)
  const texts = sent.map(([name, value]) => [name, String(value)] as const)
  return Object.fromEntries(texts.map(([name, text]) => [name, isRevoked(text) ? `${text}-revoked` : text]))
}
