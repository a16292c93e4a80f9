import type { World } from '../world/world.js'
import { cancellationInvariant } from './cancellations.js'
import { closingInvariant } from './closing.js'
import { coverageInvariant } from './coverage.js'
import { exposureInvariant } from './exposure.js'
import { gateInvariant } from './gate.js'
import type { Invariant } from './invariant.js'
import type { Violation } from './violation.js'
import { ledgerInvariant } from './ledger.js'
import { admissionInvariant } from './admission.js'
import { orderInvariant } from './orders.js'
import { rateLimitInvariant } from './rate-limits.js'

const NONE: Violation[] = []

/** Skips the check while nothing that it depends on has changed. */
function whenChanged(invariant: Invariant, versionOf: () => number): Invariant {
  let checked: number | null = null
  return (world) => {
    const version = versionOf()
    if (version === checked) return NONE
    checked = version
    return invariant(world)
  }
}

/** Checks every invariant; to be called after each step of one world. */
export function invariantChecker(world: World): () => Violation[] {
  const { movements, balances, tickets, channels, ledgers } = world.database
  const invariants = [
    whenChanged(ledgerInvariant(), () => movements.changes + balances.changes),
    whenChanged(orderInvariant, () => tickets.changes + balances.changes),
    whenChanged(gateInvariant, () => world.redis.gateCalls + ledgers.changes + balances.changes),
    whenChanged(exposureInvariant, () => channels.changes + balances.changes + world.platformChanges),
    whenChanged(cancellationInvariant, () => tickets.changes),
    whenChanged(coverageInvariant, () => channels.changes + balances.changes),
    whenChanged(rateLimitInvariant, () => world.platformChanges),
    whenChanged(admissionInvariant, () => Math.floor(world.time.ms() / 100)),
    whenChanged(closingInvariant(), () => Math.floor(world.time.ms() / 1_000)),
  ]
  // Most steps change nothing, so that nothing is allocated for them.
  return () => {
    let violations = NONE
    for (const check of invariants) {
      const found = check(world)
      if (found.length > 0) violations = [...violations, ...found]
    }
    return violations
  }
}
