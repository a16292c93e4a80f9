import type { PlatformTraits } from '../traits.js'
import { PAGE_SIZE } from './config.js'

/** A full list also reads three other states of guests and finally the event, at least one call each. */
const EXTRA_LIST_CALLS = 4

export const LUMA_TRAITS: PlatformTraits = {
  platform: 'LUMA',
  hasApi: true,
  // A cap of 0 is rejected, means unlimited, or is undocumented.
  minCap: 1,
  confirmMs: 30_000,
  promotesOnRaise: false,
  hidesMembers: false,
  countIncludesCancelled: false,
  // The count is derived from the guest list: an order missing in the list is missing in the count.
  countIsIndependent: false,
  canQueryOrder: true,
  versionsAreReadTimes: true,
  // A list sorted by registration has new guests only.
  listsChanges: false,
  changesIncludeCancellations: false,
  coalesceMs: 300,
  minReadIntervalMs: 1_000,
  checkoutMs: 0,
  sweepCost: (tickets) => Math.max(1, Math.ceil(tickets / PAGE_SIZE)) + EXTRA_LIST_CALLS,
  credentials: {
    configured: ({ luma }) => Boolean(luma.apiKey),
    without: ({ luma }) => ({ luma: { ...luma, apiKey: null } }),
  },
  rateLimit: { configured: ({ luma }) => luma.rateLimit, minReserve: 0.2, closeCost: 2, capWriteCost: 1 },
  polling: null,
  webhooks: { apiUrl: ({ luma }) => luma.apiUrl, path: () => '/webhooks/luma', secretVariable: null },
  contents: {
    writable: ['title', 'startsAt', 'endsAt'],
    instructions: 'Luma notifies its guests of a new name or time. Change the place on luma.com.',
    canCancel: true,
    cancelInstructions: 'Luma deletes the event permanently, notifies its guests, and refunds what they paid.',
  },
  oversoldInstructions: 'The newest guests are moved to the waitlist and refunded.',
}
