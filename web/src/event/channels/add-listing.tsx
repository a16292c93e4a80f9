import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { post } from '../../api/client'
import { ListingFields } from '../../listings/listing-fields'
import { ListingPicker } from '../../listings/listing-picker'
import { chosenListing, listingBody, newListing } from '../../listings/listing-values'
import { useAction } from '../../ui/action'
import { ChangeDialog, ChangeForm } from '../../ui/change-dialog'

/** Adds a listing to an event on sale. */
export function AddListing({ eventId }: { eventId: string }) {
  return (
    <ChangeDialog
      title="Add a listing"
      label="Add a listing"
      isWide
      form={(close) => <AddForm eventId={eventId} close={close} />}
    />
  )
}

function AddForm({ eventId, close }: { eventId: string; close: () => void }) {
  const [way, setWay] = useState('choose')
  const [listing, setListing] = useState(newListing)
  const { choice } = listing
  const change = useAction(
    () => post('/api/v1/events/{id}/channels', { path: { id: eventId }, body: listingBody(listing) }),
    close,
  )
  return (
    <>
      <SegmentedControl
        mb="sm"
        aria-label="How the listing is found"
        data={[
          { value: 'choose', label: 'From your accounts' },
          { value: 'id', label: 'By its id' },
        ]}
        value={way}
        onChange={(next) => {
          setWay(next)
          setListing(newListing())
        }}
      />
      {way === 'choose' && choice === null ? (
        <ListingPicker
          chosen={[]}
          most={1}
          onChange={([next]) => setListing(next ? chosenListing(next) : newListing())}
        />
      ) : (
        <ChangeForm
          change={change}
          close={close}
          action="Add the listing"
          failure="Not added"
          note="Its sales so far are counted and its present cap is respected, then the units are split by weight again: caps of other channels that sales had raised are lowered to their share."
        >
          <ListingFields values={listing} onChange={setListing} error={change.error} />
          {choice ? (
            <Button size="xs" variant="default" w="fit-content" onClick={() => setListing(newListing())}>
              Choose another
            </Button>
          ) : null}
        </ChangeForm>
      )}
    </>
  )
}
