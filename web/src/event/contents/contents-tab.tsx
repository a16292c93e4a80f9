import { Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { get, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { DataTable, type Column } from '../../ui/data-table'
import { Nothing, QueryState } from '../../ui/feedback'
import { channelName } from '../../ui/labels'
import { Panel } from '../../ui/panel'
import { Age, Instant } from '../../ui/times'
import { CancelListings } from './cancel-listings'
import { wordsOf } from './words'
import { WriteContents } from './write-contents'

const POLL_MS = 5_000

type Row = Schemas['ShownContentsDto'] & {
  id: string
  name: string
  differs: readonly string[]
  readAt: string | null
  readFailure: string | null
  change: Schemas['RequestedChangeDto'] | null
}

/** What the event and its listings show, side by side. */
export default function ContentsTab({ event }: { event: Schemas['EventDto'] }) {
  const contents = useQuery({
    queryKey: ['event', event.id, 'contents'],
    queryFn: () => get('/api/v1/events/{id}/contents', { path: { id: event.id } }),
    refetchInterval: POLL_MS,
  })
  const mayWrite = useMay('OPERATOR') && event.state !== 'CLOSED' && event.state !== 'ENDED'
  const mayCancel = useMay('ADMIN') && event.state === 'CLOSED'
  const actions = mayWrite ? <WriteContents event={event} /> : mayCancel ? <CancelListings event={event} /> : null
  const data = contents.data
  return (
    <Panel title="Title, time and place" asOf={contents} actions={actions}>
      <QueryState query={contents}>
        {data ? (
          <>
            {data.differences.length === 0 ? <Nothing>No differences are known.</Nothing> : null}
            <ul className="plain-list">
              {data.differences.map(({ field, text }) => (
                <li key={field}>
                  <Text size="sm">{text}</Text>
                </li>
              ))}
            </ul>
            <DataTable caption="The event and its listings" columns={columnsOf(event)} rows={rowsOf(data)} id={idOf} />
          </>
        ) : null}
      </QueryState>
    </Panel>
  )
}

const idOf = ({ id }: Row) => id

function rowsOf({ own, channels }: Schemas['EventContentsDto']): Row[] {
  const none = { differs: [], readAt: null, readFailure: null, change: null }
  const listings = channels.map(({ channelId, shows, ...channel }) => ({
    ...channel,
    ...shows,
    id: channelId,
    name: channelName(channel, channels),
  }))
  return [{ ...own, ...none, id: 'event', name: 'This event' }, ...listings]
}

function columnsOf({ timezone }: Schemas['EventDto']): Column<Row>[] {
  const time = (field: 'startsAt' | 'endsAt') => (row: Row) => {
    const at = row[field]
    return <Shown row={row} field={field} value={at === null ? null : <Instant at={at} zone={timezone} />} />
  }
  return [
    { head: 'Where', cell: ({ name }) => name, card: 'title' },
    { head: 'Title', cell: (row) => <Shown row={row} field="title" value={row.title} /> },
    { head: 'Start', cell: time('startsAt') },
    { head: 'End', cell: time('endsAt') },
    { head: 'Time zone', cell: (row) => <Shown row={row} field="timezone" value={row.timezone} /> },
    { head: 'Place', cell: (row) => <Shown row={row} field="venue" value={row.venue} /> },
    { head: 'Read', cell: (row) => (row.id === 'event' ? null : <ReadCell row={row} />) },
    { head: 'Last change', cell: ({ change }) => (change === null ? null : <ChangeCell change={change} />) },
  ]
}

/** A difference is marked with a word too, not by its colour alone. */
function Shown({ row, field, value }: { row: Row; field: string; value: ReactNode }) {
  if (value === null)
    return (
      <Text size="sm" c="dimmed">
        not shown
      </Text>
    )
  if (!row.differs.includes(field)) return value
  return (
    <mark>
      {value} <VisuallyHidden>(differs)</VisuallyHidden>
    </mark>
  )
}

function ReadCell({ row }: { row: Row }) {
  if (row.readFailure !== null) return <Text size="sm">{row.readFailure}</Text>
  return row.readAt === null ? <Text size="sm">not yet</Text> : <Age at={row.readAt} className="short" />
}

const STATES: Record<string, string> = {
  PENDING: 'Being written',
  DONE: 'Written',
  REFUSED: 'Refused',
  FAILED: 'Given up',
  MANUAL: 'To be changed on the platform',
}

const CANCELLATION: Record<string, string> = { PENDING: 'Being cancelled', DONE: 'Cancelled' }

function ChangeCell({ change }: { change: Schemas['RequestedChangeDto'] }) {
  const { kind, state, detail, manually } = change
  const rest = state !== 'MANUAL' && manually.length > 0 ? `, on the platform: ${wordsOf(manually)}` : ''
  return (
    <Text size="sm">
      {(kind === 'CANCEL' ? CANCELLATION : STATES)[state] ?? STATES[state]}
      {rest}
      {detail === null ? null : `: ${detail}`}
    </Text>
  )
}
