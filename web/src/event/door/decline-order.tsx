import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { post } from '../../api/client'
import { useAction } from '../../ui/action'
import { ChangeDialog, ChangeForm } from '../../ui/change-dialog'
import { count } from '../../ui/count'
import { labelOf } from '../../ui/labels'
import { placesOf, type SecondSeat } from './second-seat'

const MAX_MESSAGE_LENGTH = 200

/** Declines the guest on a platform whose API can. */
export function DeclineOrder(seat: SecondSeat) {
  const { attendee } = seat
  const label = `Decline on ${labelOf(attendee.platform)}`
  const title = `${label}: ${attendee.name ?? attendee.email ?? 'without a name'}`
  const form = (close: () => void) => <DeclineForm seat={seat} close={close} />
  return <ChangeDialog title={title} label={label} name={title} size="compact-xs" form={form} />
}

function DeclineForm({ seat: { event, attendee, others }, close }: { seat: SecondSeat; close: () => void }) {
  const { orderId, tickets, platform } = attendee
  const written = `You also have a seat for ${event.name} on ${placesOf(others)}. See you there!`
  const [message, setMessage] = useState(written.slice(0, MAX_MESSAGE_LENGTH))
  const body = message.trim() === '' ? {} : { message: message.trim() }
  const change = useAction(() => post('/api/v1/orders/{id}/decline', { path: { id: orderId }, body }), close)
  return (
    <ChangeForm
      change={change}
      close={close}
      action="Decline the guest"
      failure="Not declined"
      note={`${labelOf(platform)} cancels ${tickets === 1 ? 'the ticket' : `all ${count(tickets)} tickets`}, refunds what was paid, and mails the message. This cannot be undone here.`}
    >
      <Textarea
        label="Message"
        maxLength={MAX_MESSAGE_LENGTH}
        autosize
        value={message}
        onChange={(e) => setMessage(e.target.value.replaceAll('\n', ' '))}
      />
    </ChangeForm>
  )
}
