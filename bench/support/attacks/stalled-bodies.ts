import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { stall, type StalledRequest } from '../../../test/support/http/raw-requests.js'
import type { Attack } from './attack.js'

export const STALLED = 2_000

/** Keeps `STALLED` requests open, half of them deliveries, and replaces those that the service ends. */
export function stalledBodies(serviceUrl: string, token: string, addresses: number): Attack {
  return async (until) => {
    const open = new Set<Socket>()
    let ended = 0
    const requestOf = (index: number): StalledRequest => ({
      path: index % 2 === 0 ? '/api/v1/events' : `/webhooks/eventbrite/${token}`,
      from: `127.0.1.${1 + (index % addresses)}`,
      contentLength: 1_000,
      part: Buffer.alloc(100, 32),
    })
    let index = 0
    while (performance.now() < until) {
      const missing = Math.min(200, STALLED - open.size)
      await Promise.all(
        Array.from({ length: missing }, async () => {
          const socket = await stall(serviceUrl, requestOf(index++))
          open.add(socket)
          socket.once('close', () => {
            open.delete(socket)
            ended += 1
          })
          socket.resume()
        }),
      )
      await sleep(100)
    }
    const still = open.size
    for (const socket of open) socket.destroy()
    return `${index} sent, ${ended} ended by the service, ${still} open at the end`
  }
}
