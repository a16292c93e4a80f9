import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { remove } from '../../api/client'
import { useAction } from '../../ui/action'
import { ChangeDialog, ChangeForm } from '../../ui/change-dialog'

interface DetachChannelProps {
  eventId: string
  name: string
  /** Its id. */
  channel: string
}

/** Closes a listing and detaches its channel. */
export function DetachChannel(props: DetachChannelProps) {
  return (
    <ChangeDialog
      title={`Detach ${props.name}`}
      label="Detach"
      name={`Detach ${props.name}`}
      size="compact-xs"
      form={(close) => <DetachForm {...props} close={close} />}
    />
  )
}

function DetachForm({ eventId, channel, close }: DetachChannelProps & { close: () => void }) {
  const [reason, setReason] = useState('')
  const [isGone, setIsGone] = useState(false)
  const body = { reason: reason.trim(), ...(isGone ? { assume: 'SOLD_ONLY' as const } : {}) }
  const path = { id: eventId, channel }
  const change = useAction(() => remove('/api/v1/events/{id}/channels/{channel}', { path, body }), close)
  return (
    <ChangeForm
      change={change}
      close={close}
      action="Detach"
      note="The listing is closed on its platform. Once that is confirmed, its sold tickets stay counted, its other units go to the other channels, and nothing is read or written there any more."
    >
      <TextInput
        label="Reason"
        required
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Checkbox
        label="The listing is gone"
        description="It cannot be closed, and you vouch that nothing more can be sold there. This is on record with your name."
        checked={isGone}
        onChange={(event) => setIsGone(event.currentTarget.checked)}
      />
    </ChangeForm>
  )
}
