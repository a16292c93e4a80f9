import { Button, Group, Stack, Text } from '@mantine/core'
import { newEventBody, type EventValues } from '../event-form/event-values'
import type { ListingValues } from '../listings/listing-values'
import { count } from '../ui/count'
import { Panel } from '../ui/panel'
import { priceText } from '../ui/price'
import { Instant } from '../ui/times'
import { ListingsPreview } from './listings-preview'

interface NewEventReviewProps {
  values: EventValues
  listings: readonly ListingValues[]
  isCreating: boolean
  onCreate: () => void
  onBack: () => void
}

/** What the event is, and what will be written where. */
export function NewEventReview({ values, listings, isCreating, onCreate, onBack }: NewEventReviewProps) {
  const { name, startsAt, capacity, priceCents = 0 } = newEventBody(values)
  return (
    <Stack>
      <Panel title={name}>
        <Text>
          <Instant at={startsAt} zone={values.timezone} /> ({values.timezone}) · {count(capacity)} tickets in all ·
          directly sold tickets: {priceText(priceCents, values.currency)}
        </Text>
      </Panel>
      <Panel title="What happens on the platforms">
        {listings.length === 0 ? (
          <Text size="sm">Nothing: the event has no listings and is sold directly only.</Text>
        ) : (
          <ListingsPreview listings={listings} capacity={capacity} />
        )}
      </Panel>
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button loading={isCreating} onClick={onCreate}>
          Create the event
        </Button>
      </Group>
    </Stack>
  )
}
