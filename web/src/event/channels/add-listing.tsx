import { NumberInput, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { post, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { ChangeDialog, ChangeForm } from '../../ui/change-dialog'
import { labelOf } from '../../ui/labels'

type Platform = Schemas['ChannelBody']['platform']

const PLATFORMS: readonly Platform[] = ['EVENTBRITE', 'LUMA', 'MEETUP']

/** Adds a listing to an event on sale. */
export function AddListing({ eventId }: { eventId: string }) {
  return (
    <ChangeDialog
      title="Add a listing"
      label="Add a listing"
      form={(close) => <ListingForm eventId={eventId} close={close} />}
    />
  )
}

function ListingForm({ eventId, close }: { eventId: string; close: () => void }) {
  const [platform, setPlatform] = useState<Platform>('EVENTBRITE')
  const [listing, setListing] = useState('')
  const [type, setType] = useState('')
  const [label, setLabel] = useState('')
  const [weight, setWeight] = useState<string | number>(1)
  const body = {
    platform,
    externalEventId: listing.trim(),
    weight: Number(weight),
    ...(type.trim() === '' ? {} : { externalTicketClassId: type.trim() }),
    ...(label.trim() === '' ? {} : { label: label.trim() }),
  }
  const change = useAction(() => post('/api/v1/events/{id}/channels', { path: { id: eventId }, body }), close)
  return (
    <ChangeForm
      change={change}
      close={close}
      note="Its sales so far are counted and its present cap is respected, then the units are split by weight again: caps of other channels that sales had raised are lowered to their share."
    >
      <Select
        label="Platform"
        data={PLATFORMS.map((value) => ({ value, label: labelOf(value) }))}
        allowDeselect={false}
        value={platform}
        onChange={(value) => setPlatform(value ?? 'EVENTBRITE')}
      />
      <TextInput
        label="Id of the listing"
        description="As in its address on the platform"
        required
        maxLength={200}
        value={listing}
        onChange={(event) => setListing(event.currentTarget.value)}
      />
      <TextInput
        label="Id of a ticket type"
        description="Empty: the whole listing"
        maxLength={200}
        value={type}
        onChange={(event) => setType(event.currentTarget.value)}
      />
      <TextInput
        label="Name"
        description="Empty: the platform's"
        maxLength={100}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <NumberInput label="Weight" required min={0} max={1_000_000} value={weight} onChange={setWeight} />
    </ChangeForm>
  )
}
