import type { ChannelMode } from '../../../domain/channel.js'
import type { Failure, Outcome } from '../../port.js'
import { afterWrite, ok } from '../../kit/outcomes.js'
import { capBelowSold, type OccupiedSeats } from '../caps/occupied-seats.js'
import { isRefused } from '../caps/write-steps.js'

/** Writes a cap that is sufficient to stop sales. Returns the cap in force. 1 call. */
export type CapWriter = (cap: number) => Promise<Outcome<number>>

export interface ClosedRegistration {
  cap: number
  /** `UNKNOWN`: Luma may sell a few more tickets before it reaches the cap. */
  mode: Exclude<ChannelMode, 'OPEN'>
  /** Luma's count, if the refused and accepted caps determine it; null: unknown. */
  sold: number | null
}

export interface CloseRegistrationPorts {
  writeCap: CapWriter
  /** Counts the seats that Luma holds, applicants included. O(guests) calls. */
  count: () => Promise<Outcome<OccupiedSeats>>
  /** The cap known to be in force; never exceeded. Infinity: none, or unknown. Needed only after a refusal. */
  capInForce: () => Promise<Outcome<number>>
  /** Whether the deadline for optional calls has passed. */
  isLate: () => boolean
  /** A lost write, or a part of one, may have set this cap: the search does not pass it. */
  lostCap?: number | null | undefined
}

/** Offsets above a refused cap at which Luma's count is searched. */
const SEARCH_STEPS = [2, 6, 16, 40, 100, 250]
/** Caps tried between the largest refused and the smallest accepted one. */
const MAX_BISECTIONS = 4
/** Allowance for tickets sold while guests are counted. */
const MARGIN = 5

/**
 * Writes a cap of `sold`, the caller's count. If Luma refuses it as below its own count, searches for that count by
 * writing larger caps: a few calls regardless of the number of guests. The first accepted cap stops sales; sales made
 * during the search end at that cap at the latest.
 */
export async function closeRegistration(
  ports: CloseRegistrationPorts,
  sold: number,
): Promise<Outcome<ClosedRegistration>> {
  const first = await ports.writeCap(sold)
  if (first.kind === 'OK') return ok({ cap: first.value, mode: 'WAITLIST_ONLY', sold: null })
  if (!isRefused(first)) return first
  const inForce = await ports.capInForce()
  if (inForce.kind !== 'OK') return inForce
  let refused = sold
  for (const cap of candidateCaps(sold, inForce.value, ports.lostCap)) {
    const written = await ports.writeCap(cap)
    if (written.kind === 'OK') return bisect(ports, { first: sold, refused, accepted: written.value })
    if (!isRefused(written)) return written
    refused = Math.max(refused, cap)
  }
  return closeAtOccupiedSeats(ports, inForce.value, refused, first)
}

function candidateCaps(sold: number, capInForce: number, lostCap: number | null = null): number[] {
  const caps = [...SEARCH_STEPS.map((step) => sold + step), ...(lostCap === null ? [] : [lostCap])]
  const above = [...new Set(caps)].filter((cap) => cap > sold && cap < capInForce).toSorted((a, b) => a - b)
  return Number.isFinite(capInForce) ? [...above, capInForce] : above
}

interface SearchRange {
  /** The caller's count, refused first. */
  first: number
  /** Below Luma's count, as far as it was refused for that. */
  refused: number
  /** Not below Luma's count. */
  accepted: number
}

/**
 * Luma refuses every invalid request in the same way, so one refusal alone proves no count: if the search ends next to the first
 * refused cap, that cap is tried again.
 */
async function bisect(ports: CloseRegistrationPorts, range: SearchRange): Promise<Outcome<ClosedRegistration>> {
  const { writeCap, isLate } = ports
  let { refused, accepted } = range
  for (let tries = 0; tries < MAX_BISECTIONS && accepted - refused > 1 && !isLate(); tries++) {
    const middle = Math.floor((refused + accepted) / 2)
    const written = await writeCap(middle)
    if (written.kind === 'OK') accepted = written.value
    else if (isRefused(written)) refused = middle
    else if (written.kind === 'THROTTLED' || written.kind === 'NOT_SENT') break
    else return afterWrite(written, 'a later part of it failed')
  }
  const full = accepted - refused <= 1
  if (full && refused === range.first) return confirmFirstRefusal(ports, refused, accepted)
  return ok({ cap: accepted, mode: full ? 'WAITLIST_ONLY' : 'UNKNOWN', sold: full ? accepted : null })
}

async function confirmFirstRefusal(
  { writeCap, isLate }: CloseRegistrationPorts,
  refused: number,
  accepted: number,
): Promise<Outcome<ClosedRegistration>> {
  const unproven: ClosedRegistration = { cap: accepted, mode: 'UNKNOWN', sold: null }
  if (isLate()) return ok(unproven)
  const written = await writeCap(refused)
  if (written.kind === 'OK') return ok({ cap: written.value, mode: 'WAITLIST_ONLY', sold: null })
  if (isRefused(written)) return ok({ cap: accepted, mode: 'WAITLIST_ONLY', sold: accepted })
  if (written.kind === 'THROTTLED' || written.kind === 'NOT_SENT') return ok(unproven)
  return afterWrite(written, 'a later part of it failed')
}

/** For when Luma holds far more seats than the caller knows of, such as seats for applicants. */
async function closeAtOccupiedSeats(
  { writeCap, count }: CloseRegistrationPorts,
  capInForce: number,
  refused: number,
  refusal: Failure,
): Promise<Outcome<ClosedRegistration>> {
  const occupied = await count()
  if (occupied.kind !== 'OK') return capBelowSold(null, 'failed to read the seats that Luma counts')
  const { sold, inCheckout, applicants } = occupied.value
  const total = sold + inCheckout + applicants
  if (total <= refused) return refusal
  const cap = total + MARGIN
  if (cap > capInForce) {
    return capBelowSold(occupied.value, `Luma holds ${total} seats, above the cap in force of ${capInForce}`)
  }
  const written = await writeCap(cap)
  if (written.kind === 'OK') return ok({ cap: written.value, mode: 'UNKNOWN', sold: null })
  return isRefused(written) ? capBelowSold(occupied.value, `Luma also refused a cap of ${cap}`) : written
}
