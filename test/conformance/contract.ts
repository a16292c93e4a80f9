import type { FaultName, ListingTruth } from '../../simulators/kit/index.js'
import type { ChannelReading, ConfirmedState, Failure, Outcome } from '../../src/platforms/port.js'

/** The adapter broke the contract of `port.ts`. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation'
}

export function require(condition: boolean, message: string, details?: unknown): asserts condition {
  if (condition) return
  throw new ContractViolation(details === undefined ? message : `${message}: ${JSON.stringify(details)}`)
}

/** The value of an outcome that nothing prevents. */
export function valueOf<T>(outcome: Outcome<T>): T {
  require(outcome.kind === 'OK', 'the operation failed although nothing prevented it', outcome)
  return outcome.value
}

type Kind = Failure['kind']
type Kinds = Readonly<Record<'read' | 'write', readonly Kind[]>>

const NO_RESPONSE: Kinds = {
  read: ['UNAVAILABLE', 'NOT_SENT'],
  // A write starts with a read where one is needed, and sends nothing if that fails.
  write: ['UNKNOWN', 'NOT_SENT', 'UNAVAILABLE', 'CAP_BELOW_SOLD'],
}
const UNREADABLE: Kinds = {
  read: ['UNAVAILABLE', 'REJECTED'],
  write: ['UNKNOWN', 'NOT_SENT', 'UNAVAILABLE', 'REJECTED', 'CAP_BELOW_SOLD'],
}
const NO_ACCESS: Kinds = {
  read: ['AUTH_FAILED', 'FORBIDDEN'],
  write: ['AUTH_FAILED', 'FORBIDDEN', 'CAP_BELOW_SOLD', 'UNKNOWN'],
}

/**
 * How an operation may fail during a fault. It may also succeed, if the fault met an optional step. None of them is `GONE`:
 * a fault shows nothing about the listing.
 */
export const FAILURES: Readonly<Record<FaultName, Kinds>> = {
  throttle: { read: ['THROTTLED'], write: ['THROTTLED', 'CAP_BELOW_SOLD', 'UNKNOWN'] },
  serverError: NO_RESPONSE,
  serverErrorAfterApply: NO_RESPONSE,
  timeoutBeforeApply: NO_RESPONSE,
  timeoutAfterApply: NO_RESPONSE,
  connectionReset: NO_RESPONSE,
  connectionResetAfterApply: NO_RESPONSE,
  malformed: UNREADABLE,
  emptyObject: UNREADABLE,
  refusal: { read: ['REJECTED'], write: ['REJECTED', 'CAP_BELOW_SOLD', 'UNKNOWN'] },
  unauthorized: NO_ACCESS,
  forbidden: NO_ACCESS,
}

/** Faults whose response shows that the call was not processed. */
export const NOT_PROCESSED: ReadonlySet<FaultName> = new Set(['throttle', 'refusal', 'unauthorized', 'forbidden'])

export function requireFailureOf(fault: FaultName, operation: 'read' | 'write', outcome: Outcome<unknown>): void {
  if (outcome.kind === 'OK') return
  const allowed = FAILURES[fault][operation]
  require(allowed.includes(outcome.kind), `a ${operation} during "${fault}" returned ${outcome.kind}`, outcome)
}

/** A throttled operation reports when to retry. */
export function requireFutureRetry(outcome: Outcome<unknown>, now: Date): void {
  if (outcome.kind !== 'THROTTLED') return
  require(outcome.resumeAt > now, 'a throttled operation is to be retried in the past', { outcome, now })
}

export interface Write {
  outcome: Outcome<ConfirmedState>
  before: ListingTruth
  /** After everything that could take effect late. */
  after: ListingTruth
  /** Whether the platform received a write that got no usable response. */
  responsesLost: boolean
  /** False: a part of the write was refused, so that less than the confirmed cap may be in force. */
  exact: boolean
}

/** What a write reports must be true, and what it does not report must not have changed. */
export function requireSoundWrite({ outcome, before, after, responsesLost, exact }: Write): void {
  if (outcome.kind === 'UNKNOWN') {
    const final = outcome.acknowledged === true
    require(!(final && responsesLost), 'a write without a response is reported as acknowledged', outcome)
    return
  }
  if (outcome.kind === 'OK') return requireConfirmed(outcome.value, after, exact)
  const changed = before.capacity !== after.capacity || before.onSale !== after.onSale
  require(!changed, `${outcome.kind} means that nothing changed`, {
    outcome,
    before: brief(before),
    after: brief(after),
  })
  if (outcome.kind === 'CAP_BELOW_SOLD' && outcome.sold !== null) {
    const counted = outcome.sold + outcome.pending
    require(counted >= after.sold, 'a refusal reports fewer tickets than are sold', { outcome, after: brief(after) })
  }
}

function requireConfirmed(confirmed: ConfirmedState, truth: ListingTruth, exact: boolean): void {
  const details = { confirmed, truth: brief(truth) }
  require(confirmed.cap >= 1, 'a confirmed cap is below 1', details)
  if (truth.onSale) {
    require(coversCapacity(confirmed.cap, truth), 'the confirmed cap is below the cap in force', details)
    require(!exact || confirmed.cap === truth.capacity, 'the confirmed cap is not the cap in force', details)
  }
  require(!(
    sellsMore(truth) && confirmed.mode === 'WAITLIST_ONLY'
  ), 'a listing on sale is confirmed as closed', details)
  const { sold, pending } = confirmed
  if (sold === null || sold === undefined) return
  require(sold >= truth.sold, 'fewer sold tickets are confirmed than there are', details)
  require(sold + pending >= truth.sold + truth.carts, 'open carts are missing in a confirmation', details)
}

const coversCapacity = (cap: number | 'UNLIMITED' | null, { capacity }: ListingTruth): boolean =>
  typeof cap !== 'number' || (capacity !== null && cap >= capacity)

/** On sale, and not only because no platform accepts a cap of 0. */
export const sellsMore = ({ onSale, capacity, sold }: ListingTruth): boolean =>
  onSale && !(capacity === 1 && sold === 0)

/**
 * A reading never shows less than the listing can sell or has sold. `exact`: nothing was changed that the adapter does not
 * know of, so that it shows neither more.
 */
export function requireSoundReading(reading: ChannelReading, truth: ListingTruth, now: Date, exact = false): void {
  const { cap, capSource, sold, pending, mode, listingState = 'UNKNOWN', asOf, unlimitedParts = [] } = reading
  const details = { reading, truth: brief(truth) }
  require((cap === null) === (capSource === 'none'), 'the source of the cap contradicts the cap', details)
  // An acknowledged cap is the caller's own record.
  const isRead = capSource === 'read'
  if (truth.onSale && isRead) {
    require(coversCapacity(cap, truth), 'the cap read is below the cap in force', details)
    const shown = cap === 'UNLIMITED' ? null : cap
    const expected = !exact || unlimitedParts.length > 0 || shown === truth.capacity
    require(expected, 'the cap read is not the cap in force', details)
  }
  if (sold !== null) {
    require(sold >= truth.sold && sold <= truth.sold + truth.carts, 'the wrong number of tickets is sold', details)
    require(sold + pending >= truth.sold + truth.carts, 'open carts are missing', details)
  }
  require(!(sellsMore(truth) && isRead && mode === 'WAITLIST_ONLY'), 'a listing on sale is read as closed', details)
  require(!(exact && !truth.onSale && mode === 'OPEN'), 'a closed listing is read as open', details)
  require(!(listingState === 'CANCELLED' && truth.state === 'LIVE'), 'a live listing is read as cancelled', details)
  require(asOf <= now, 'a reading is from the future', details)
}

/** A listing without its orders. */
function brief({ orders: _, ...truth }: ListingTruth) {
  return truth
}
