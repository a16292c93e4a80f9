import type { World } from '../world/world.js'
import { closingInvariant } from './closing.js'
import { exposureInvariant } from './exposure.js'
import { gateInvariant } from './gate.js'
import type { Violation } from './invariant.js'
import { ledgerInvariant } from './ledger.js'
import { admissionInvariant } from './admission.js'
import { orderInvariant } from './orders.js'
import { rateLimitInvariant } from './rate-limits.js'

/** Checks every invariant; to be called after each step of one world. */
export function invariantChecker(world: World): () => Violation[] {
  const invariants = [
    ledgerInvariant(),
    orderInvariant,
    gateInvariant,
    exposureInvariant,
    rateLimitInvariant,
    admissionInvariant,
    closingInvariant(),
  ]
  return () => invariants.flatMap((check) => check(world))
}
