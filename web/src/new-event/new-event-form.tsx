import { Button, Fieldset, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import type { FormEvent } from 'react'
import { DirectFields, StockFields, TimeFields, WhatFields } from '../event-form/event-fields'
import { EVENT_FIELDS, type EventValues } from '../event-form/event-values'
import { ListingFields } from '../listings/listing-fields'
import { newListing, type ListingValues } from '../listings/listing-values'
import { Failure } from '../ui/feedback'
import { isShownAtFields, type Fields } from '../ui/form-fields'
import { isTimeZone } from '../ui/zoned-time'

/** As `MAX_CHANNELS` of the service. */
const MOST_LISTINGS = 20

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
        <Fieldset legend="Event">
          <WhatFields fields={fields} />
        </Fieldset>
        <Fieldset legend="Times">
          <TimeFields fields={fields} isNew />
        </Fieldset>
        <Fieldset legend="Stock">
          <StockFields fields={fields} isNew />
        </Fieldset>
        {listings.map((listing, index) => (
          <Fieldset key={index} legend={`Listing ${index + 1}`}>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} verticalSpacing="sm">
              <ListingFields
                values={listing}
                onChange={(changed) => onListings(listings.with(index, changed))}
                error={error}
                at={`channels.${index}.`}
              />
            </SimpleGrid>
            <Button
              mt="sm"
              size="xs"
              variant="default"
              aria-label={`Leave out listing ${index + 1}`}
              onClick={() => onListings(listings.toSpliced(index, 1))}
            >
              Leave out
            </Button>
          </Fieldset>
        ))}
        <Group>
          <Button
            variant="default"
            disabled={listings.length >= MOST_LISTINGS}
            onClick={() => onListings([...listings, newListing()])}
          >
            Add a listing
          </Button>
          <Text size="sm" c="dimmed">
            {listings.length === 0
              ? 'Without listings it is sold directly only. The listings must exist on their platforms.'
              : 'The units are split by weight. More listings can be added later.'}
          </Text>
        </Group>
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
