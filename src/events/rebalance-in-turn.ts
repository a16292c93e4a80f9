import { setTimeout as sleep } from 'node:timers/promises'
import type { Rebalancer } from '../channels/rebalancer.js'
import { StateConflict } from '../domain/errors.js'

const PATIENCE_MS = 10_000
const PAUSE_MS = 250

/** By hand: waits while the service does so by itself, as it does again and again. Throws StateConflict after 10 s. */
export async function rebalanceInTurn(rebalancer: Rebalancer, eventId: string, dryRun: boolean) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const result = await rebalancer.rebalance(eventId, dryRun)
    if (result) return result
    if (Date.now() > deadline) throw new StateConflict('This event is being rebalanced all the time.')
    await sleep(PAUSE_MS)
  }
}
