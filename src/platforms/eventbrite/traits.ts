import type { PlatformTraits } from '../traits.js'
import { EVENTBRITE_PULL_DEBOUNCE_MS, EVENTBRITE_PULL_SPACING_MS } from './config.js'

/** The window is an hour, longer than any sales rush: the burst matters more than the refill rate. */
const BURST_SHARE = 0.15

export const EVENTBRITE_TRAITS: PlatformTraits = {
  platform: 'EVENTBRITE',
  hasApi: true,
  // A cap of 0 is rejected, means unlimited, or is undocumented.
  minCap: 1,
  confirmMs: 30_000,
  promotesOnRaise: false,
  hidesMembers: false,
  countIncludesCancelled: true,
  countIsIndependent: true,
  canQueryOrder: true,
  versionsAreReadTimes: false,
  listsChanges: true,
  changesIncludeCancellations: true,
  coalesceMs: EVENTBRITE_PULL_DEBOUNCE_MS,
  minReadIntervalMs: EVENTBRITE_PULL_SPACING_MS,
  checkoutMs: 60_000,
  sweepCost: () => 1,
  credentials: {
    configured: ({ eventbrite }) => Boolean(eventbrite.token),
    without: ({ eventbrite }) => ({ eventbrite: { ...eventbrite, token: null } }),
  },
  rateLimit: {
    configured: ({ eventbrite }) => eventbrite.rateLimit,
    minReserve: 0.09,
    closeCost: 5,
    capWriteCost: 1,
    burst: (limit) => BURST_SHARE * limit,
  },
  polling: null,
  webhooks: {
    apiUrl: ({ eventbrite }) => eventbrite.apiUrl,
    path: ({ eventbrite: { webhookToken } }) => (webhookToken ? `/webhooks/eventbrite/${webhookToken}` : null),
    secretVariable: 'EVENTBRITE_WEBHOOK_TOKEN',
  },
  contents: {
    writable: ['title', 'startsAt', 'endsAt'],
    instructions: 'Change the place on eventbrite.com.',
    canCancel: true,
    cancelInstructions:
      'Eventbrite cancels only an event without placed or pending orders: refund them on eventbrite.com first.',
  },
  oversoldInstructions: 'Refund it in the Eventbrite dashboard.',
}
