import type { OrderFact } from './order-fact.js'

/**
 * Facts in rounds in which no order occurs twice, each order's facts from old to new. What a newer complete snapshot
 * of the same order supersedes is left out: applying it first would change nothing in the end.
 */
export function roundsOf(facts: readonly OrderFact[]): OrderFact[][] {
  const byOrder = new Map<string, OrderFact[]>()
  for (const fact of facts) {
    const key = `${fact.platform} ${fact.snapshot.orderId}`
    byOrder.set(key, [...(byOrder.get(key) ?? []), fact])
  }
  const rounds: OrderFact[][] = []
  for (const orderFacts of byOrder.values()) {
    const ordered = orderFacts.toSorted(byVersion)
    const newestComplete = ordered.findLastIndex(({ snapshot }) => snapshot.complete)
    ordered.slice(Math.max(0, newestComplete)).forEach((fact, index) => (rounds[index] ??= []).push(fact))
  }
  return rounds
}

function byVersion({ snapshot: a }: OrderFact, { snapshot: b }: OrderFact): number {
  if (a.version === b.version) return 0
  return a.version < b.version ? -1 : 1
}
