import { useState } from 'react'
import { post } from '../../api/client'
import { ListingFields } from '../../listings/listing-fields'
import { listingBody, newListing } from '../../listings/listing-values'
import { useAction } from '../../ui/action'
import { ChangeDialog, ChangeForm } from '../../ui/change-dialog'

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
  const [listing, setListing] = useState(newListing)
  const change = useAction(
    () => post('/api/v1/events/{id}/channels', { path: { id: eventId }, body: listingBody(listing) }),
    close,
  )
  return (
    <ChangeForm
      change={change}
      close={close}
      action="Add the listing"
      note="Its sales so far are counted and its present cap is respected, then the units are split by weight again: caps of other channels that sales had raised are lowered to their share."
    >
      <ListingFields values={listing} onChange={setListing} error={change.error} />
    </ChangeForm>
  )
}
