import type { ChannelMode } from '../../../domain/channel.js'
import type { CallContext, ConfirmedState, Failure, Listing, Outcome } from '../../port.js'
import { ok, rejected } from '../../kit/outcomes.js'
import { sendingCap } from '../../operation.js'
import { LUMA_MIN_CAP } from '../config.js'
import { countOccupiedSeats, capBelowSold } from './occupied-seats.js'
import type { LumaPorts } from '../ports.js'
import { isRefused, putCap } from './write-steps.js'

/** Writes an absolute cap. Luma's mode follows from cap and count, so the mode after a write is `OPEN`. Nothing is counted. */
export async function writeCap(
  ports: LumaPorts,
  listing: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<ConfirmedState>> {
  const target = Math.max(LUMA_MIN_CAP, cap)
  if (!Number.isSafeInteger(target)) return rejected('INVALID_CAP', `${cap} is not a whole number of tickets`)
  const written = await putCap(ports, listing, target, context)
  if (written.kind === 'OK') return ok(confirmed(ports, written.value, 'OPEN'))
  return isRefused(written) ? clampToCount(ports, listing, target, written, context) : written
}

/** The response to a write does not include tickets sold or in carts: a later read shows them. */
export function confirmed({ now }: LumaPorts, cap: number, mode: ChannelMode): ConfirmedState {
  return { cap, mode, pending: 0, sold: null, confirmedAt: now() }
}

/** Clamps a cap refused as below Luma's count to the tickets sold or in carts, never above the cap in force. */
async function clampToCount(
  ports: LumaPorts,
  listing: Listing,
  target: number,
  refusal: Failure,
  context: CallContext,
): Promise<Outcome<ConfirmedState>> {
  const occupied = await countOccupiedSeats(ports, listing, context)
  if (occupied.kind !== 'OK') {
    return capBelowSold(null, `Luma refused a cap of ${target}; failed to read the seats that it counts`)
  }
  const { sold, inCheckout, applicants } = occupied.value
  const floor = sold + inCheckout
  if (floor + applicants <= target) return refusal
  if (floor <= target) {
    return capBelowSold(occupied.value, `Luma refused a cap of ${target}: it holds ${applicants} seats for applicants`)
  }
  if (floor >= (listing.acknowledgedCap ?? Infinity)) {
    return capBelowSold(occupied.value, `Luma refused a cap of ${target}`)
  }
  const written = await putCap(ports, listing, floor, sendingCap(context, floor))
  if (written.kind === 'OK') return ok(confirmed(ports, written.value, 'OPEN'))
  return isRefused(written)
    ? capBelowSold(occupied.value, `Luma refused a cap of ${target}, and also of ${floor}`)
    : written
}
