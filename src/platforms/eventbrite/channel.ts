import type { CallContext, ChannelReading, ConfirmedState, Outcome } from '../port.js'
import type { Rejection } from './outcomes.js'

/** What a listing is on Eventbrite: one ticket class, or the whole event. */
export interface EventbriteChannel {
  read(context: CallContext): Promise<Outcome<ChannelReading>>
  writeCap(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>>
  close(context: CallContext): Promise<Outcome<ConfirmedState>>
  open(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>>
}

const TOO_SMALL = new Set(['ARGUMENTS_ERROR', 'CAPACITY_TOTAL_TOO_SMALL', 'HOLD_QUANTITIES_EXCEEDS_REMAINING_CAPACITY'])

export function mayBeTooSmall(rejection: Rejection): boolean {
  return TOO_SMALL.has(rejection.code)
}

/**
 * The cap to try once more after a refusal: raised to what is sold, in carts and reserved, or the same one after a
 * conflict with another writer. Null: trying again would change nothing.
 */
export function secondTry(rejection: Rejection, cap: number, floor: number): number | null {
  const raised = Math.max(cap, floor, 1)
  if (rejection.code === 'REQUEST_CONFLICT') return raised
  return mayBeTooSmall(rejection) && raised > cap ? raised : null
}
