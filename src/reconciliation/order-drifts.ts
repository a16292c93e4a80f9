import type { DriftKind } from '../generated/prisma/enums.js'
import type { OrderComparison } from './order-comparison.js'
import type { Drift } from './drift.js'

export type OrderDrift = Pick<Drift, 'kind' | 'ledger' | 'platform' | 'detail'> & {
  /** True: applying what the platform shows ends it. */
  correctable: boolean
}

const tickets = (count: number) => `${count} ticket${count === 1 ? '' : 's'}`

/** What is wrong with one order: nothing, one thing, or own tickets that differ beside others of an unknown class. */
export function orderDrifts(comparison: OrderComparison): OrderDrift[] {
  const { before, after, gained, lost, unknown, movedAway } = comparison
  if (lost > 0 && movedAway === lost && gained === 0) {
    const detail = `${tickets(movedAway)} moved to a ticket class that no channel sells`
    return [drift('UNKNOWN_TICKET_CLASS', before, unknown, true, detail)]
  }
  const drifts: OrderDrift[] = []
  if (gained > 0 && after >= before) {
    const replaced = lost > 0 ? `, ${tickets(lost)} of it given back` : ''
    drifts.push(drift('MISSING_SALE', before, after, true, `${tickets(gained)} sold there and not recorded${replaced}`))
  } else if (lost > 0) {
    drifts.push(drift('MISSING_CANCELLATION', before, after, true, lossOf(comparison)))
  }
  if (unknown > 0) {
    const detail = `${tickets(unknown)} sold in a ticket class that no channel sells: no cap of ours limits them`
    drifts.push(drift('UNKNOWN_TICKET_CLASS', before, unknown, false, detail))
  }
  return drifts
}

function lossOf({ lost, gained, movedOn }: OrderComparison): string {
  const moved = movedOn > 0 ? `, ${movedOn} moved to a ticket class that another channel sells` : ''
  const sold = gained > 0 ? `, ${tickets(gained)} sold` : ''
  return `${tickets(lost)} cancelled or refunded there and not recorded${moved}${sold}`
}

function drift(kind: DriftKind, ledger: number, platform: number, correctable: boolean, detail: string): OrderDrift {
  return { kind, ledger, platform, correctable, detail }
}
