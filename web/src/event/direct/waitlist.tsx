import { post, type Schemas } from '../../api/client'
import { useWaitlist } from '../../api/queries'
import { useMay } from '../../api/session'
import { ActionButton } from '../../ui/action'
import { count } from '../../ui/count'
import { DataTable, type Column } from '../../ui/data-table'
import { QueryState, Nothing } from '../../ui/feedback'
import { labelOf } from '../../ui/labels'
import { Panel } from '../../ui/panel'
import { Age, Countdown } from '../../ui/times'

type Entry = Schemas['EntryDto']

/** Waitlist entries for direct tickets, in queue order. */
export function Waitlist({ event }: { event: Schemas['EventDto'] }) {
  const waitlist = useWaitlist(event.id)
  const mayOffer = useMay('OPERATOR')
  const rows = (waitlist.data?.items ?? []).filter(({ position, state }) => position !== null || state === 'OFFERED')
  const offer: Column<Entry> = {
    head: 'Actions',
    cell: ({ id, name, state }) =>
      state === 'WAITING' ? (
        <ActionButton
          size="compact-xs"
          aria-label={`Offer tickets to ${name}`}
          work={() => post('/api/v1/waitlist/{id}/offer', { path: { id }, body: {} })}
        >
          Offer
        </ActionButton>
      ) : null,
  }
  return (
    <Panel title={`Waitlist (${rows.length}${waitlist.data?.nextCursor ? ' or more' : ''})`} asOf={waitlist}>
      <QueryState query={waitlist}>
        {rows.length === 0 ? (
          <Nothing>The waitlist is empty.</Nothing>
        ) : (
          <DataTable
            caption="Waitlist, in queue order"
            columns={mayOffer ? [...COLUMNS, offer] : COLUMNS}
            rows={rows}
            id={({ id }) => id}
          />
        )}
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<Entry>[] = [
  { head: 'Position', cell: ({ position }) => (position === null ? null : count(position)) },
  { head: 'Name', cell: ({ name, email }) => <span title={email}>{name}</span>, card: 'title' },
  { head: 'Tickets', number: true, cell: ({ quantity }) => count(quantity) },
  { head: 'Since', cell: ({ createdAt }) => <Age at={createdAt} /> },
  { head: 'State', cell: ({ state, expiresAt }) => <State state={state} expiresAt={expiresAt} /> },
]

function State({ state, expiresAt }: Pick<Entry, 'state' | 'expiresAt'>) {
  if (state !== 'OFFERED' || !expiresAt) return <>{labelOf(state)}</>
  return (
    <>
      Offered, <Countdown until={expiresAt} /> left
    </>
  )
}
