import type { World } from '../world/world.js'
import { cancellationInvariant } from './cancellations.js'
import { checkInInvariant } from './check-ins.js'
import { closingInvariant } from './closing.js'
import { coverageInvariant } from './coverage.js'
import { customerLimitInvariant } from './customer-limit.js'
import { directTicketInvariant } from './direct-tickets.js'
import { exposureInvariant } from './exposure.js'
import { gateInvariant } from './gate.js'
import { holdExpiryInvariant } from './hold-expiry.js'
import { holdInvariant } from './holds.js'
import type { Invariant } from './invariant.js'
import type { Violation } from './violation.js'
import { ledgerInvariant } from './ledger.js'
import { admissionInvariant } from './admission.js'
import { orderCancellationInvariant } from './order-cancellations.js'
import { orderInvariant } from './orders.js'
import { paymentInvariant } from './payments.js'
import { progressInvariant } from './progress.js'
import { rateLimitInvariant } from './rate-limits.js'
import { safetyStockInvariant } from './safety-stock.js'
import { seatInvariant } from './seats.js'
import { voidedExcessInvariant } from './voided-excess.js'
import { waitlistOfferInvariant } from './waitlist-offers.js'
import { waitlistOrderInvariant } from './waitlist-order.js'
import { waitlistProgressInvariant } from './waitlist-progress.js'

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
  const { movements, balances, tickets, channels, ledgers, holds, seatClaims, orders, payments } = world.database
  const { waitlistEntries, checkIns, walkIns } = world.database
  const invariants = [
    whenChanged(ledgerInvariant(), () => movements.changes + balances.changes + ledgers.changes),
    whenChanged(orderInvariant, () => tickets.changes + balances.changes),
    whenChanged(gateInvariant, () => world.redis.gateCalls + ledgers.changes + balances.changes),
    whenChanged(exposureInvariant, () => channels.changes + balances.changes + world.platformChanges),
    whenChanged(cancellationInvariant, () => tickets.changes),
    whenChanged(coverageInvariant(), () => channels.changes + balances.changes),
    whenChanged(holdInvariant(), () => holds.changes + balances.changes),
    whenChanged(directTicketInvariant, () => orders.changes + balances.changes + world.direct.promised.size),
    whenChanged(orderCancellationInvariant(), () => orders.changes + movements.changes),
    whenChanged(seatInvariant, () => holds.changes + seatClaims.changes + orders.changes),
    whenChanged(customerLimitInvariant, () => holds.changes),
    whenChanged(paymentInvariant, () => holds.changes + payments.changes + orders.changes + world.payments.changes),
    whenChanged(holdExpiryInvariant(), () => Math.floor(world.time.ms() / 1_000)),
    whenChanged(waitlistOfferInvariant, () => holds.changes + waitlistEntries.changes),
    whenChanged(waitlistOrderInvariant(), () => waitlistEntries.changes + world.database.ledgers.changes),
    whenChanged(waitlistProgressInvariant(), () => Math.floor(world.time.ms() / 1_000)),
    whenChanged(safetyStockInvariant(), () => movements.changes),
    whenChanged(voidedExcessInvariant(), () => movements.changes + world.platformChanges),
    whenChanged(checkInInvariant(), () => checkIns.changes + walkIns.changes + movements.changes),
    whenChanged(rateLimitInvariant, () => world.platformChanges),
    whenChanged(admissionInvariant, () => Math.floor(world.time.ms() / 100)),
    whenChanged(closingInvariant(), () => Math.floor(world.time.ms() / 1_000)),
    whenChanged(progressInvariant(), () => Math.floor(world.time.ms() / 5_000)),
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
