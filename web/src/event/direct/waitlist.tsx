import { Group } from '@mantine/core'
import { patch, post, remove, type Schemas } from '../../api/client'
import { useWaitlist } from '../../api/queries'
import { useMay } from '../../api/session'
import { ActionButton } from '../../ui/action'
import { ConfirmButton } from '../../ui/confirm'
import { count } from '../../ui/count'
import { DataTable, type Column } from '../../ui/data-table'
import { QueryState, Nothing } from '../../ui/feedback'
import { labelOf } from '../../ui/labels'
import { Panel } from '../../ui/panel'
import { Age, Countdown } from '../../ui/times'

type Entry = Schemas['EntryDto']

/** Waitlist entries for direct tickets, in queue order; operators offer, move and remove them. */
export function Waitlist({ event }: { event: Schemas['EventDto'] }) {
  const waitlist = useWaitlist(event.id)
  const mayChange = useMay('OPERATOR')
  const rows = (waitlist.data?.items ?? []).filter(({ position, state }) => position !== null || state === 'OFFERED')
  const actions: Column<Entry> = {
    head: 'Actions',
    cell: (entry) => <Actions eventId={event.id} entry={entry} />,
  }
  return (
    <Panel title={`Waitlist (${rows.length}${waitlist.data?.nextCursor ? ' or more' : ''})`} asOf={waitlist}>
      <QueryState query={waitlist}>
        {rows.length === 0 ? (
          <Nothing>The waitlist is empty.</Nothing>
        ) : (
          <DataTable
            caption="Waitlist, in queue order"
            columns={mayChange ? [...COLUMNS, actions] : COLUMNS}
            rows={rows}
            id={({ id }) => id}
          />
        )}
      </QueryState>
    </Panel>
  )
}

function Actions({ eventId, entry: { id, name, state, position } }: { eventId: string; entry: Entry }) {
  const path = { id: eventId, entryId: id }
  return (
    <Group gap="xs">
      {state === 'WAITING' && (
        <ActionButton
          size="compact-xs"
          aria-label={`Offer tickets to ${name}`}
          work={() => post('/api/v1/waitlist/{id}/offer', { path: { id }, body: {} })}
        >
          Offer
        </ActionButton>
      )}
      {state === 'WAITING' && position !== null && position > 1 && (
        <ActionButton
          size="compact-xs"
          aria-label={`Move ${name} up`}
          work={() => patch('/api/v1/events/{id}/waitlist/{entryId}', { path, body: { position: position - 1 } })}
        >
          Up
        </ActionButton>
      )}
      <ConfirmButton
        label={`Remove ${name}`}
        text="Remove"
        quiet
        word="remove"
        plan={['The entry is off the waitlist.', 'An open offer ends, and its tickets are free for the next entry.']}
        work={() => remove('/api/v1/events/{id}/waitlist/{entryId}', { path })}
      />
    </Group>
  )
}

const COLUMNS: readonly Column<Entry>[] = [
  { head: 'Position', cell: ({ position }) => (position === null ? null : count(position)) },
  { head: 'Name', cell: ({ name, email }) => <span title={email}>{name}</span>, card: 'title' },
  { head: 'Tickets', number: true, cell: ({ quantity }) => count(quantity) },
  { head: 'Since', cell: ({ createdAt }) => <Age at={createdAt} /> },
  { head: 'State', cell: (entry) => <State {...entry} /> },
]

function State({ state, expiresAt, emailVerified }: Pick<Entry, 'state' | 'expiresAt' | 'emailVerified'>) {
  if (state === 'WAITING' && !emailVerified) return <>{labelOf(state)}, e-mail not confirmed</>
  if (state !== 'OFFERED' || !expiresAt) return <>{labelOf(state)}</>
  return (
    <>
      Offered, <Countdown until={expiresAt} /> left
    </>
  )
}
