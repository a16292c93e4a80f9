import type { ChannelMode } from '../../domain/channel.js'
import type { CallContext, ConfirmedState, Failure, Listing, Outcome } from '../port.js'
import { ok, rejected } from './answers.js'
import { LUMA_MIN_CAP } from './constants.js'
import { countHeld, soldMeanwhile } from './held.js'
import type { LumaPorts } from './ports.js'
import { isRefused, putCap } from './write-steps.js'

/** Writes an absolute cap. Luma's mode follows from cap and count, so a write leaves `OPEN` behind. Nothing is counted. */
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

/** What is sold and in carts is no part of a write's answer: a later reading tells. */
export function confirmed({ now }: LumaPorts, cap: number, mode: ChannelMode): ConfirmedState {
  return { cap, mode, pending: 0, sold: null, confirmedAt: now() }
}

/** A cap refused for being below Luma's count is clamped to what is sold or in carts, never above the cap in force. */
async function clampToCount(
  ports: LumaPorts,
  listing: Listing,
  target: number,
  refusal: Failure,
  context: CallContext,
): Promise<Outcome<ConfirmedState>> {
  const held = await countHeld(ports, listing, context)
  if (held.kind !== 'OK') return soldMeanwhile(null, `Luma refused ${target}; what it counts could not be read`)
  const { sold, inCheckout, applicants } = held.value
  const floor = sold + inCheckout
  if (floor + applicants <= target) return refusal
  if (floor <= target)
    return soldMeanwhile(held.value, `Luma refused ${target}: it holds ${applicants} more for applicants`)
  if (floor >= (listing.acknowledgedCap ?? Infinity)) return soldMeanwhile(held.value, `Luma refused ${target}`)
  const written = await putCap(ports, listing, floor, context)
  if (written.kind === 'OK') return ok(confirmed(ports, written.value, 'OPEN'))
  return isRefused(written) ? soldMeanwhile(held.value, `Luma refused ${target}, and ${floor} as well`) : written
}
