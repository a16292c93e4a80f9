import { remove, type Schemas } from '../../api/client'
import { useHolds } from '../../api/queries'
import { useMay } from '../../api/session'
import { ActionButton } from '../../ui/action'
import { count } from '../../ui/count'
import { DataTable, type Column } from '../../ui/data-table'
import { QueryState, Nothing } from '../../ui/feedback'
import { labelOf } from '../../ui/labels'
import { Panel } from '../../ui/panel'
import { Countdown } from '../../ui/times'

type Hold = Schemas['LiveHoldDto']

/** Live holds, with their remaining time. */
export function Holds({ event }: { event: Schemas['EventDto'] }) {
  const holds = useHolds(event.id)
  const mayRelease = useMay('OPERATOR')
  const rows = holds.data?.items ?? []
  const release: Column<Hold> = {
    head: 'Actions',
    cell: ({ id, holder, state }) =>
      state === 'HELD' ? (
        <ActionButton
          size="compact-xs"
          aria-label={`Release the hold of ${holder}`}
          work={() => remove('/api/v1/holds/{id}', { path: { id } })}
        >
          Release
        </ActionButton>
      ) : null,
  }
  return (
    <Panel title={`Holds (${rows.length}${holds.data?.nextCursor ? ' or more' : ''})`} asOf={holds}>
      <QueryState query={holds}>
        {rows.length === 0 ? (
          <Nothing>None.</Nothing>
        ) : (
          <DataTable
            caption="Live holds, newest first"
            columns={mayRelease ? [...COLUMNS, release] : COLUMNS}
            rows={rows}
            id={({ id }) => id}
          />
        )}
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<Hold>[] = [
  { head: 'Holder', cell: ({ holder }) => holder, card: 'title' },
  { head: 'Tickets', number: true, cell: ({ quantity }) => count(quantity) },
  { head: 'Seats', cell: ({ seats }) => (seats.length > 0 ? seats.join(', ') : null), card: 'wide' },
  { head: 'From', cell: ({ source }) => (source === 'SAFETY_STOCK' ? 'Safety stock' : 'Direct') },
  { head: 'State', cell: ({ state }) => labelOf(state) },
  { head: 'Time left', number: true, cell: ({ expiresAt }) => <Countdown until={expiresAt} /> },
]
