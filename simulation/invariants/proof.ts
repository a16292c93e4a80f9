import { fileLineOf } from '../../src/stock/proof/proof-chain.js'
import { verify } from '../../tools/verify/verify.mjs'
import type { World } from '../world/world.js'
import { violation, type Violation } from './violation.js'

/** The lines of an event's proof as its file has them, and the hash that the event's page shows. */
export function proofOf(world: World, eventId: string): { lines: string[]; lastHash: string | undefined } {
  const rows = world.database.proofEntries.whereKey(null, 'eventId', eventId)
  const lines = rows.toSorted((a, b) => a.position - b.position).map((row) => fileLineOf(row).trimEnd())
  return { lines, lastHash: rows.at(-1)?.hash }
}

/**
 * The verifier accepts the proof of every event. One whose cap was changed manually on a platform may rightly be rejected:
 * more could be sold than the capacity.
 */
export async function unprovenEvents(world: World): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const { id, changedManually } of world.events) {
    if (changedManually) continue
    const { lines, lastHash } = proofOf(world, id)
    await verify(lines, lastHash).catch((error: unknown) =>
      violations.push(violation('PROOF', `${id}: ${String(error)}`)),
    )
  }
  return violations
}
