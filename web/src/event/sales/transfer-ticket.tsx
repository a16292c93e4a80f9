import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { useTicketsOf } from '../../api/queries'
import { TransferForm } from '../../tickets/transfer-form'
import { ChangeDialog } from '../../ui/change-dialog'
import { Nothing, QueryState } from '../../ui/feedback'

interface OrderProps {
  eventId: string
  order: Schemas['OrderDto']
}

/** For a direct order: gives one of its tickets to another person. */
export function TransferTicket({ eventId, order }: OrderProps) {
  const name = `Transfer a ticket of ${order.buyer?.name ?? order.id}`
  const form = (close: () => void) => <ChooseTicket eventId={eventId} order={order} close={close} />
  return <ChangeDialog title={name} label="Transfer" name={name} size="compact-xs" form={form} />
}

function ChooseTicket({ eventId, order, close }: OrderProps & { close: () => void }) {
  const tickets = useTicketsOf(eventId, order.id)
  const [chosen, setChosen] = useState<string | null>(null)
  const items = tickets.data?.items ?? []
  const ticketId = chosen ?? items[0]?.id ?? ''
  return (
    <QueryState query={tickets}>
      {items.length === 0 ? (
        <Nothing>The order has no valid ticket.</Nothing>
      ) : (
        <TransferForm ticketId={ticketId} withReason close={close}>
          <NativeSelect
            label="Ticket"
            value={ticketId}
            onChange={(event) => setChosen(event.target.value)}
            data={items.map(({ id, seat, holderName }) => ({
              value: id,
              label: `${holderName ?? 'unknown'}, ${seat === null ? id.slice(-6) : `seat ${seat}`}`,
            }))}
          />
        </TransferForm>
      )}
    </QueryState>
  )
}
