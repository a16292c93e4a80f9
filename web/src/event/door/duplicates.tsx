import { Group, Text } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { useDuplicates } from '../../api/queries'
import { count } from '../../ui/count'
import { DataTable, type Column } from '../../ui/data-table'
import { Nothing, QueryState } from '../../ui/feedback'
import { labelOf } from '../../ui/labels'
import { More } from '../../ui/more'
import { Panel } from '../../ui/panel'
import { CopyMessage } from './copy-message'
import { DeclineOrder } from './decline-order'

type Duplicate = Schemas['DuplicateDto']

/** People who seem to hold seats on more than one channel, and what an operator can do about each. */
export function Duplicates({ event }: { event: Schemas['EventDto'] }) {
  const duplicates = useDuplicates(event.id)
  const pages = duplicates.data?.pages ?? []
  const rows = pages.flatMap(({ items }) => items)
  const seats = pages[0]?.seats
  return (
    <Panel title="Seats held twice" asOf={duplicates}>
      <QueryState query={duplicates}>
        {seats && rows.length > 0 ? (
          <>
            <FreeSeats seats={seats} />
            <DataTable
              caption="People who seem to hold seats twice"
              columns={columnsFor(event)}
              rows={rows}
              id={({ id }) => id}
            />
            <More of={duplicates} />
          </>
        ) : (
          <Nothing>No person seems to hold seats on more than one channel.</Nothing>
        )}
      </QueryState>
    </Panel>
  )
}

function FreeSeats({ seats: { certain, possible } }: { seats: Schemas['FreeSeatsDto'] }) {
  const total = certain + possible
  return (
    <Text size="sm" mb="sm">
      <b>
        About {count(total)} {total === 1 ? 'seat' : 'seats'} may come free
      </b>
      : {count(certain)} of people with one verified e-mail address, {count(possible)} of people who may only have the
      same name. Nothing is cancelled by itself.
    </Text>
  )
}

function columnsFor(event: Schemas['EventDto']): Column<Duplicate>[] {
  return [
    { head: 'Name', cell: ({ name, attendees }) => name ?? attendees[0]?.email ?? 'Without a name', card: 'title' },
    {
      head: 'Certainty',
      cell: ({ certainty, by }) => (by === 'NAME' ? 'possible, same name' : `${certainty}, same e-mail`),
    },
    {
      head: 'Seats',
      cell: ({ attendees }) =>
        attendees.map(({ platform, tickets }) => `${labelOf(platform)} ${count(tickets)}`).join(', '),
    },
    { head: 'May come free', number: true, cell: ({ seats }) => count(seats) },
    { head: 'Actions', cell: (duplicate) => <Actions event={event} duplicate={duplicate} />, card: 'wide' },
  ]
}

function Actions({ event, duplicate: { attendees } }: { event: Schemas['EventDto']; duplicate: Duplicate }) {
  return (
    <Group gap="xs">
      {attendees.map((attendee) => {
        const others = attendees.filter(({ id }) => id !== attendee.id)
        const action = { event, attendee, others }
        return attendee.canDecline ? (
          <DeclineOrder key={attendee.id} {...action} />
        ) : (
          <CopyMessage key={attendee.id} {...action} />
        )
      })}
    </Group>
  )
}
