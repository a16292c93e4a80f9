import type { OrderComparison } from './order-comparison.js'
import type { Drift, DriftKind } from '../drift/drift.js'

export type OrderDrift = Pick<Drift, 'kind' | 'ledger' | 'platform' | 'detail'> & {
  /** True if applying the platform's snapshot resolves the drift. */
  correctable: boolean
}

const tickets = (count: number) => `${count} ticket${count === 1 ? '' : 's'}`

/** Drift of one order: none, one, or two if own tickets differ and others are in an unknown class. */
export function orderDrifts(comparison: OrderComparison): OrderDrift[] {
  const { before, after, gained, lost, unknown, movedToUnsoldClass } = comparison
  if (lost > 0 && movedToUnsoldClass === lost && gained === 0) {
    const detail = `${tickets(movedToUnsoldClass)} moved to a ticket class that no channel sells`
    return [drift('UNKNOWN_TICKET_CLASS', before, unknown, true, detail)]
  }
  const drifts: OrderDrift[] = []
  if (gained > 0 && after >= before) {
    const replaced = lost > 0 ? `, replacing ${tickets(lost)}` : ''
    drifts.push(
      drift('MISSING_SALE', before, after, true, `${tickets(gained)} sold on the platform and not recorded${replaced}`),
    )
  } else if (lost > 0) {
    drifts.push(drift('MISSING_CANCELLATION', before, after, true, cancellationDetail(comparison)))
  }
  if (unknown > 0) {
    const detail = `${tickets(unknown)} sold in a ticket class that no channel sells: no cap limits it`
    drifts.push(drift('UNKNOWN_TICKET_CLASS', before, unknown, false, detail))
  }
  return drifts
}

function cancellationDetail({ lost, gained, movedToOtherChannel }: OrderComparison): string {
  const moved =
    movedToOtherChannel > 0 ? `, ${movedToOtherChannel} moved to a ticket class that another channel sells` : ''
  const sold = gained > 0 ? `, ${tickets(gained)} sold` : ''
  return `${tickets(lost)} cancelled or refunded on the platform and not recorded${moved}${sold}`
}

function drift(kind: DriftKind, ledger: number, platform: number, correctable: boolean, detail: string): OrderDrift {
  return { kind, ledger, platform, correctable, detail }
}
