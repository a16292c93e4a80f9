import type { PlatformTraits } from '../traits.js'

/** A listing that a person keeps: Facebook, Partiful, a paper list. */
export const MANUAL_TRAITS: PlatformTraits = {
  platform: 'MANUAL',
  hasApi: false,
  // A person can close a list before its first sale.
  minCap: 0,
  confirmMs: 600_000,
  promotesOnRaise: false,
  hidesMembers: false,
  countIncludesCancelled: false,
  // The person counts the list itself.
  countIsIndependent: true,
  canQueryOrder: false,
  versionsAreReadTimes: false,
  listsChanges: false,
  changesIncludeCancellations: false,
  coalesceMs: 0,
  minReadIntervalMs: 0,
  checkoutMs: 0,
  sweepCost: () => 0,
  credentials: { configured: () => false, without: () => ({}) },
  rateLimit: null,
  polling: null,
  webhooks: null,
  contents: {
    writable: [],
    instructions: 'Change it on the listing.',
    canCancel: false,
    cancelInstructions: 'Cancel it on the listing, and notify its guests.',
  },
  oversoldInstructions: 'Cancel tickets in the list itself, then confirm the new count.',
}
