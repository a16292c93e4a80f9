import { findProblem } from '../../src/infrastructure/http/problems/problem.js'
import type { ServiceProcess } from '../world/service-process.js'
import type { World } from '../world/world.js'

/** A response that ends a request: the result, or a permanent refusal. */
export type Response<T> =
  { kind: 'DONE'; value: T } | { kind: 'REFUSED'; status: number; code: string } | { kind: 'GIVEN_UP' }

const RETRY_MS = 1_000
const ATTEMPTS = 600
/** How long a client waits for a response, ms. */
const MAX_WAIT_MS = 8_000
/** Share of the responses that do not reach the client. */
const LOST_SHARE = 0.05

/**
 * Sends a request as clients of the HTTP API do, to any process: one without a response, or with a status from 500 on, is
 * repeated as it is, while the earlier one may still be processed. `onAttempt` is called before each one.
 */
export async function request<T>(
  world: World,
  what: string,
  send: (process: ServiceProcess) => Promise<T>,
  onAttempt: () => void = () => undefined,
): Promise<Response<T>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    onAttempt()
    const response = await responseOf(world, send)
    if (response && world.random.next() >= LOST_SHARE) {
      const { kind } = response
      world.trace.add(`${what}: ${kind === 'REFUSED' ? response.code : kind.toLowerCase()}`)
      return response
    }
    await world.time.sleep(RETRY_MS)
  }
  world.trace.add(`${what}: given up`)
  return { kind: 'GIVEN_UP' }
}

/** Null: none that ends the request. */
async function responseOf<T>(world: World, send: (process: ServiceProcess) => Promise<T>): Promise<Response<T> | null> {
  const late = world.time.sleep(MAX_WAIT_MS).then(() => null)
  const sent = (async (): Promise<Response<T> | null> => {
    try {
      const process = world.processes.any()
      const value = await send(process)
      // A process that is killed before it responds does not respond.
      return process.steps.alive ? { kind: 'DONE', value } : null
    } catch (error) {
      const { status, code } = findProblem(error)
      return status < 500 && status !== 429 ? { kind: 'REFUSED', status, code } : null
    }
  })()
  return Promise.race([sent, late])
}
