import { textOf } from './plain-values.js'

/** Methods whose results, or lists in them, have no order. */
const UNORDERED: ReadonlySet<string> = new Set([
  'ledger.findOperations',
  'events.idsAtSoftCap',
  'quarantine.openOrders',
  'quarantine.openPlaces',
  'deliveries.platformsWithFailed',
  'salesTotals.seenSince',
  'onSaleSpans.latest',
  'sweeps.due',
  'sweeps.withFuturePoll',
  'drifts.countOpen',
  'drifts.settled',
  'stagedOrders.findAbsent',
  'alerts.resolve',
  'alerts.eventsWithUnresolved',
  'channelHealth.liveConnections',
  'channelHealth.notSynchronized',
  'channelHealth.withoutDesiredCap',
  'holds.ofEvent',
  'holds.withKeys',
  'holds.customerUnits',
  'ledger.record',
])

/** The outcome of a method, with every list sorted if they have no order. */
export function comparableOutcome(method: string, outcome: unknown): unknown {
  return UNORDERED.has(method) ? sorted(outcome) : outcome
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map(sorted).toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
  if (value instanceof Map || value instanceof Set || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, sorted(item)]))
}

/** The result of a gate command: an account without units is the same as one that is missing. */
export function comparableGate(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('balances' in result)) return result
  const balances = Object.entries(result.balances as object).filter(([, units]) => units !== 0)
  return { ...result, balances: Object.fromEntries(balances) }
}
