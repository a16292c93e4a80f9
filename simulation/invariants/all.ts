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
import { progressInvariant } from './progress.js'
import { rateLimitInvariant } from './rate-limits.js'

/** Skips the check while nothing that it depends on has changed. */
function whenChanged(invariant: Invariant, versionOf: () => number): Invariant {
  let checked: number | null = null
  return (world) => {
    const version = versionOf()
    if (version === checked) return []
    checked = version
    return invariant(world)
  }
}

/** Checks every invariant; to be called after each step of one world. */
export function invariantChecker(world: World): () => Violation[] {
  const { movements, balances, tickets, channels, ledgers } = world.database
  const invariants = [
    whenChanged(ledgerInvariant(), () => movements.changes + balances.changes + ledgers.changes),
    whenChanged(orderInvariant, () => tickets.changes + balances.changes),
    whenChanged(gateInvariant, () => world.redis.gateCalls + ledgers.changes + balances.changes),
    whenChanged(exposureInvariant, () => channels.changes + balances.changes + world.platformChanges),
    whenChanged(cancellationInvariant, () => tickets.changes),
    whenChanged(coverageInvariant, () => channels.changes + balances.changes),
    rateLimitInvariant,
    whenChanged(admissionInvariant, () => Math.floor(world.time.ms() / 100)),
    whenChanged(closingInvariant(), () => Math.floor(world.time.ms() / 1_000)),
    whenChanged(progressInvariant(), () => Math.floor(world.time.ms() / 5_000)),
  ]
  return () => invariants.flatMap((check) => check(world))
}
