import type { Channel } from '../../domain/channel-record.js'
import type { PlatformAdapter } from '../../platforms/port.js'
import { isLate, isRecountDue, READ_LAG_MS } from '../recount.js'

/** Upper bound of a call's own timeout, ms: a lost write has left this process by then. */
export const CALL_LIMIT_MS = 10_000

/**
 * Why a reading is due: `SETTLE` to resolve a lost write that can no longer land; `COUNT` to count what is sold and in
 * carts on the platform, where that blocks units of other channels. Null: none is due.
 */
export function readingDue(
  channel: Pick<Channel, 'unconfirmedSince' | 'confirmedAt' | 'needsSweepSince' | 'recountAt'>,
  { settleMs }: Pick<PlatformAdapter, 'settleMs'>,
  now: Date,
): 'SETTLE' | 'COUNT' | null {
  const { unconfirmedSince, needsSweepSince } = channel
  // A reading may lag behind both the landing of a lost write and the last confirmation.
  const settledUntil = now.getTime() - CALL_LIMIT_MS - settleMs - READ_LAG_MS
  const isSettled = unconfirmedSince !== null && unconfirmedSince.getTime() <= settledUntil
  if (isSettled && isLate(channel, now)) return 'SETTLE'
  // It stays closed until its sales since an outage are read, which has priority.
  if (needsSweepSince !== null) return null
  return isRecountDue(channel, now) ? 'COUNT' : null
}
