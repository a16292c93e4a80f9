import { Anchor, Group, Text } from '@mantine/core'
import type { Schemas } from '../api/client'
import { useOwnTickets } from '../api/queries'
import { ChangeDialog } from '../ui/change-dialog'
import { DataTable, type Column } from '../ui/data-table'
import { Nothing, QueryState } from '../ui/feedback'
import { More } from '../ui/more'
import { Panel } from '../ui/panel'
import { Instant } from '../ui/times'
import { ResendButton } from './resend-button'
import { TransferForm } from './transfer-form'

type Ticket = Schemas['BoughtTicketDto']

/** For customers: their tickets, to be shown, sent again and given to others. */
export function OwnTickets() {
  const tickets = useOwnTickets()
  const rows = tickets.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Panel title="Your tickets, newest first">
      <QueryState query={tickets}>
        {rows.length === 0 ? (
          <Nothing>None yet.</Nothing>
        ) : (
          <DataTable caption="Your tickets, newest first" columns={COLUMNS} rows={rows} id={({ id }) => id} />
        )}
        <More of={tickets} />
      </QueryState>
    </Panel>
  )
}

const isOwn = ({ state, code }: Ticket) => state === 'VALID' && code !== null
const nameOf = ({ eventName, seat, id }: Ticket) => `for ${eventName}, ${seat === null ? id.slice(-6) : `seat ${seat}`}`

const COLUMNS: readonly Column<Ticket>[] = [
  { head: 'Event', cell: ({ eventName }) => eventName, card: 'title' },
  { head: 'Starts', cell: ({ startsAt }) => <Instant at={startsAt} /> },
  { head: 'Seat', cell: ({ seat }) => seat },
  { head: 'Ticket', cell: (ticket) => <TicketState ticket={ticket} />, card: 'wide' },
  { head: 'Actions', cell: (ticket) => (isOwn(ticket) ? <Actions ticket={ticket} /> : null), card: 'wide' },
]

function TicketState({ ticket }: { ticket: Ticket }) {
  if (isOwn(ticket)) return <Anchor href={`/ticket#${ticket.code}`}>Show the QR code</Anchor>
  return (
    <Text span inherit c="dimmed">
      {ticket.state === 'CANCELLED' ? 'cancelled' : 'transferred'}
    </Text>
  )
}

/** What others gave is sent again by staff, or by who has bought it. */
function Actions({ ticket }: { ticket: Ticket }) {
  const { id, orderId, transferredAt } = ticket
  return (
    <Group gap="xs">
      <ChangeDialog
        title={`Transfer the ticket ${nameOf(ticket)}`}
        label="Transfer"
        name={`Transfer the ticket ${nameOf(ticket)}`}
        size="compact-xs"
        form={(close) => <TransferForm ticketId={id} withReason={false} close={close} />}
      />
      {transferredAt === null ? (
        <ResendButton orderId={orderId} name={`Send again: the tickets of the order ${nameOf(ticket)}`} />
      ) : null}
    </Group>
  )
}
