import { post, type Schemas } from '../../api/client'
import { usePayments } from '../../api/queries'
import { ActionButton } from '../../ui/action'
import { DataTable, type Column } from '../../ui/data-table'
import { QueryState, Nothing } from '../../ui/feedback'
import { labelOf } from '../../ui/labels'
import { Panel } from '../../ui/panel'
import { Age } from '../../ui/times'

type Payment = Schemas['PaymentDto']

/** Payments of direct sales, with what went back to their buyers. For operators. */
export function Payments({ event }: { event: Schemas['EventDto'] }) {
  const payments = usePayments(event.id)
  const rows = payments.data?.items ?? []
  const open = rows.filter(needsAttention).length
  return (
    <Panel title={open > 0 ? `Payments (${open} to check)` : 'Payments'} asOf={payments}>
      <QueryState query={payments}>
        {rows.length === 0 ? (
          <Nothing>None.</Nothing>
        ) : (
          <DataTable caption="Payments, newest first" columns={COLUMNS} rows={rows} id={({ id }) => id} />
        )}
      </QueryState>
    </Panel>
  )
}

function needsAttention({ stuckSince, disputeState }: Payment): boolean {
  return stuckSince !== null || disputeState === 'OPEN'
}

const COLUMNS: readonly Column<Payment>[] = [
  { head: 'Started', cell: ({ createdAt }) => <Age at={createdAt} />, card: 'title' },
  { head: 'Amount', number: true, cell: ({ amount, currency }) => money(amount, currency) },
  { head: 'State', cell: ({ state }) => labelOf(state) },
  { head: 'Refund', cell: refundOf },
  { head: 'Dispute', cell: ({ disputeState }) => (disputeState ? labelOf(disputeState) : null) },
  { head: 'Problem', cell: ({ stuckSince, lastError, reason }) => (stuckSince ? lastError : reason), card: 'wide' },
  {
    head: 'Actions',
    cell: ({ id, stuckSince, reference }) =>
      stuckSince === null ? null : (
        <ActionButton
          size="compact-xs"
          aria-label={`Retry the payment ${reference ?? id}`}
          work={() => post('/api/v1/payments/{id}/settle', { path: { id } })}
        >
          Retry
        </ActionButton>
      ),
  },
]

function refundOf({ refundState, refundedAmount, refundFailure, currency }: Payment): string | null {
  if (refundState === null) return null
  if (refundState === 'FAILED') return `Failed: ${refundFailure ?? 'no reason given'}`
  return refundState === 'PENDING' ? 'Pending at the provider' : money(refundedAmount, currency)
}

function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}
