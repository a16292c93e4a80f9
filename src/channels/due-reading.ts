import type { Channel } from '../generated/prisma/client.js'
import type { PlatformAdapter } from '../platforms/port.js'
import { isRecountDue } from './recount.js'

/** Time for a call to give up on its own; a lost write is surely on its way by then. */
export const CALL_LIMIT_MS = 10_000

/**
 * What a reading would tell now: `SETTLE` what a lost write left, now that it can no longer land; `COUNT` what the
 * platform counts as sold and in carts, where that keeps units from others. Null: nothing that matters.
 */
export function readingDue(
  channel: Channel,
  { settleMs }: Pick<PlatformAdapter, 'settleMs'>,
): 'SETTLE' | 'COUNT' | null {
  const { unconfirmedSince, needsSweepSince } = channel
  const now = Date.now()
  if (unconfirmedSince !== null && now >= unconfirmedSince.getTime() + CALL_LIMIT_MS + settleMs) return 'SETTLE'
  // It stays closed until its sales since an outage are read: that comes first.
  if (needsSweepSince !== null) return null
  return isRecountDue(channel, now) ? 'COUNT' : null
}
