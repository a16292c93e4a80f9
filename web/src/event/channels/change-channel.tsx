import { NumberInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { patch, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { ChangeDialog, ChangeForm } from '../../ui/change-dialog'

interface ChangeChannelProps {
  eventId: string
  name: string
  channel: Schemas['EventChannelDto']
}

/** Name, listing, limit and weight of one channel. */
export function ChangeChannel(props: ChangeChannelProps) {
  return (
    <ChangeDialog
      title={`Change ${props.name}`}
      label="Change"
      name={`Change ${props.name}`}
      size="compact-xs"
      form={(close) => <ChannelForm {...props} close={close} />}
    />
  )
}

function ChannelForm({ eventId, channel, close }: ChangeChannelProps & { close: () => void }) {
  const [maxUnits, setMaxUnits] = useState<string | number>(channel.maxUnits ?? '')
  const [weight, setWeight] = useState<string | number>(channel.weight)
  const [label, setLabel] = useState(channel.label ?? '')
  const [listing, setListing] = useState(channel.externalEventId)
  const moved = listing.trim() === channel.externalEventId ? {} : { externalEventId: listing.trim() }
  const named = label.trim() === '' ? null : label.trim()
  const body = { ...moved, label: named, maxUnits: maxUnits === '' ? null : Number(maxUnits), weight: Number(weight) }
  const path = { id: eventId, channel: channel.id }
  const change = useAction(() => patch('/api/v1/events/{id}/channels/{channel}', { path, body }), close)
  return (
    <ChangeForm
      change={change}
      close={close}
      action="Save the channel"
      note="Units above the limit go to other channels. The weight decides shares until sales show the demand. A new id is for the same listing with the same sales; another listing is a channel of its own."
    >
      <TextInput
        label="Name"
        description="Empty: the platform's"
        maxLength={100}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <TextInput
        label="Id of the listing"
        required
        maxLength={200}
        value={listing}
        onChange={(event) => setListing(event.currentTarget.value)}
      />
      <NumberInput
        label="Most tickets"
        description="Empty: no limit"
        min={0}
        max={1_000_000}
        allowDecimal={false}
        value={maxUnits}
        onChange={setMaxUnits}
      />
      <NumberInput label="Weight" required min={0} max={1_000_000} value={weight} onChange={setWeight} />
    </ChangeForm>
  )
}
