import type { ObservedOrder } from './observed-order.js'

/**
 * Splits observed orders into rounds in which each order occurs at most once, with its snapshots from oldest to newest.
 * Snapshots superseded by a newer complete snapshot of the same order are dropped: they cannot affect the result.
 */
export function roundsOf(orders: readonly ObservedOrder[]): ObservedOrder[][] {
  const byOrder = new Map<string, ObservedOrder[]>()
  for (const observed of orders) {
    const key = `${observed.channelId} ${observed.snapshot.orderId}`
    byOrder.set(key, [...(byOrder.get(key) ?? []), observed])
  }
  const rounds: ObservedOrder[][] = []
  for (const snapshots of byOrder.values()) {
    const ordered = snapshots.toSorted(byVersion)
    const newestComplete = ordered.findLastIndex(({ snapshot }) => snapshot.complete)
    ordered.slice(Math.max(0, newestComplete)).forEach((observed, index) => (rounds[index] ??= []).push(observed))
  }
  return rounds
}

function byVersion({ snapshot: a }: ObservedOrder, { snapshot: b }: ObservedOrder): number {
  if (a.version === b.version) return 0
  return a.version < b.version ? -1 : 1
}
