import { Button, Fieldset, Group, Stack } from '@mantine/core'
import type { FormEvent } from 'react'
import { DirectFields, StockFields, TimeFields, WhatFields } from '../event-form/event-fields'
import { EVENT_FIELDS, type EventValues } from '../event-form/event-values'
import type { ListingValues } from '../listings/listing-values'
import { Failure } from '../ui/feedback'
import { isShownAtFields, type Fields } from '../ui/form-fields'
import { isTimeZone } from '../ui/zoned-time'
import { ListingsSection } from './listings-section'

interface NewEventFormProps {
  fields: Fields<EventValues>
  listings: readonly ListingValues[]
  onListings: (listings: readonly ListingValues[]) => void
  /** Of the last attempt to create the event. */
  error: unknown
  onReview: () => void
}

export function NewEventForm({ fields, listings, onListings, error, onReview }: NewEventFormProps) {
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    // Its field shows that it is unknown; without it no time is known.
    if (isTimeZone(fields.values.timezone)) onReview()
  }
  const shown = [...EVENT_FIELDS, ...listings.flatMap((listing, index) => namesAt(listing, index))]
  return (
    <form onSubmit={submit}>
      <Stack>
        <Failure
          error={error && isShownAtFields(error, shown) ? 'See the marked fields.' : error}
          title="Not created"
        />
        <ListingsSection fields={fields} listings={listings} onListings={onListings} error={error} />
        <Fieldset legend="Event">
          <WhatFields fields={fields} />
        </Fieldset>
        <Fieldset legend="Times">
          <TimeFields fields={fields} isNew />
        </Fieldset>
        <Fieldset legend="Stock">
          <StockFields fields={fields} isNew />
        </Fieldset>
        <Fieldset legend="Direct sales">
          <DirectFields fields={fields} isNew />
        </Fieldset>
        <Group justify="flex-end">
          <Button type="submit">Review</Button>
        </Group>
      </Stack>
    </form>
  )
}

function namesAt(listing: ListingValues, index: number): string[] {
  return Object.keys(listing).map((name) => `channels.${index}.${name}`)
}
