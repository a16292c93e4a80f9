import { Button, Group, List, Stack, Text } from '@mantine/core'
import { newEventBody, type EventValues } from '../event-form/event-values'
import type { ListingValues } from '../listings/listing-values'
import { count } from '../ui/count'
import { labelOf } from '../ui/labels'
import { Panel } from '../ui/panel'
import { priceText } from '../ui/price'
import { Instant } from '../ui/times'

interface NewEventReviewProps {
  values: EventValues
  listings: readonly ListingValues[]
  isCreating: boolean
  onCreate: () => void
  onBack: () => void
}

/**
 * In words what will be written where. Without numbers: only the service knows what is sold on the listings, and so what
 * each of them gets.
 */
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
          <>
            <List size="sm" type="ordered" spacing="xs" maw={760}>
              <List.Item>
                Each listing is read: what is sold there counts, and so does all that its present limit lets it sell.
              </List.Item>
              <List.Item>
                A listing whose limit is above its share is lowered first. The others are raised as soon as its platform
                has confirmed, so that at no moment more can be sold than there is.
              </List.Item>
              <List.Item>
                From then on the limits follow the sales. Only the limit of tickets is written, and whether the listing
                takes a waitlist instead: no text, date or price.
              </List.Item>
            </List>
            <Text size="sm" fw={600} mt="md" mb={4}>
              The limit is written on:
            </Text>
            <List size="sm" spacing={4}>
              {listings.map((listing, index) => (
                <List.Item key={index}>
                  <ListingLine listing={listing} />
                </List.Item>
              ))}
            </List>
            <Text size="sm" c="dimmed" mt="md" maw={760}>
              How many tickets each one gets depends on what is sold there, which is read once the event is created. The
              next page shows it, and when each platform has confirmed.
            </Text>
          </>
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

function ListingLine({
  listing: { platform, externalEventId, externalTicketClassId, label, weight },
}: {
  listing: ListingValues
}) {
  return (
    <span className="wrapped">
      {labelOf(platform)}, listing {externalEventId.trim()}
      {externalTicketClassId.trim() ? `, only its ticket type ${externalTicketClassId.trim()}` : ''}
      {label.trim() ? ` (“${label.trim()}”)` : ''}: weight {weight}
    </span>
  )
}
