import { Group, Text } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { useOrders } from '../../api/queries'
import { useMay } from '../../api/session'
import { count } from '../../ui/count'
import { DataTable, type Column } from '../../ui/data-table'
import { QueryState, Nothing } from '../../ui/feedback'
import { labelOf } from '../../ui/labels'
import { Panel } from '../../ui/panel'
import { Instant, span, Unknown } from '../../ui/times'
import { ResendButton } from '../../tickets/resend-button'
import { CancelOrder } from './cancel-order'
import { TransferTicket } from './transfer-ticket'

type Order = Schemas['OrderDto']

/** The newest orders, and the delay until each was detected. */
export function OrderFeed({ event }: { event: Schemas['EventDto'] }) {
  const orders = useOrders(event.id)
  const mayChange = useMay('OPERATOR')
  const items = orders.data?.items ?? []
  return (
    <Panel title="Orders, newest first" asOf={orders}>
      <QueryState query={orders}>
        {items.length === 0 ? (
          <Nothing>No order yet.</Nothing>
        ) : (
          <DataTable
            caption="Orders, newest first"
            columns={mayChange ? [...columnsIn(event.timezone), actionsOf(event.id)] : columnsIn(event.timezone)}
            rows={items}
            id={({ id }) => id}
          />
        )}
      </QueryState>
    </Panel>
  )
}

function columnsIn(zone: string): Column<Order>[] {
  return [
    { head: 'Detected', cell: ({ seenAt }) => <Instant at={seenAt} zone={zone} seconds /> },
    { head: 'Channel', cell: ({ platform }) => labelOf(platform) },
    { head: 'Buyer', cell: ({ buyer }) => <Buyer buyer={buyer} />, card: 'title' },
    { head: 'Tickets', number: true, cell: ({ quantity, state }) => <Tickets quantity={quantity} state={state} /> },
    { head: 'Detection delay', number: true, cell: (order) => <Lag order={order} /> },
  ]
}

const actionsOf = (eventId: string): Column<Order> => ({
  head: 'Actions',
  cell: (order) => <Actions eventId={eventId} order={order} />,
})

/** For direct orders; those of platforms are changed there. */
function Actions({ eventId, order }: { eventId: string; order: Order }) {
  if (order.platform !== 'DIRECT' || order.state !== 'PLACED') return null
  return (
    <Group gap="xs">
      <ResendButton orderId={order.id} name={`Send again: the tickets of ${order.buyer?.name ?? order.id}`} />
      <TransferTicket eventId={eventId} order={order} />
      <CancelOrder order={order} />
    </Group>
  )
}

function Buyer({ buyer }: { buyer: Order['buyer'] }) {
  if (!buyer?.name && !buyer?.email) return <Unknown />
  return (
    <Text span inherit title={buyer.email ?? undefined}>
      {buyer.name ?? buyer.email}
    </Text>
  )
}

function Tickets({ quantity, state }: { quantity: number; state: string }) {
  return state === 'CANCELLED' ? (
    <Text span inherit c="dimmed">
      cancelled
    </Text>
  ) : (
    <>{count(quantity)}</>
  )
}

/** Clocks of platform and service may differ: a negative delay is shown as 0. */
function Lag({ order: { placedAt, seenAt } }: { order: Order }) {
  if (!placedAt) return <Unknown />
  return <>{span(Math.max(0, new Date(seenAt).getTime() - new Date(placedAt).getTime()))}</>
}
