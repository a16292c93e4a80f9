import { Button, Fieldset, Group, SimpleGrid, Text } from '@mantine/core'
import type { EventValues } from '../event-form/event-values'
import { isSameChoice, type Choice } from '../listings/choice'
import { ChooseListings } from '../listings/choose-listings'
import { ListingFields } from '../listings/listing-fields'
import { chosenListing, newListing, type ListingValues } from '../listings/listing-values'
import type { Fields } from '../ui/form-fields'
import { isTimeZone, toZonedTime } from '../ui/zoned-time'

/** As `MAX_CHANNELS` of the service. */
const MOST_LISTINGS = 20

interface ListingsSectionProps {
  fields: Fields<EventValues>
  listings: readonly ListingValues[]
  onListings: (listings: readonly ListingValues[]) => void
  /** Of the last attempt to create the event. */
  error: unknown
}

/** Where the event is sold. The first choice fills in what the event is. */
export function ListingsSection({ fields, listings, onListings, error }: ListingsSectionProps) {
  const isFull = listings.length >= MOST_LISTINGS
  const entered = listings.filter(({ choice }) => choice === null)
  const add = (listing: ListingValues) => onListings([...listings, listing])
  const choose = (choices: readonly Choice[]) => {
    onListings(withChoices(listings, choices))
    const [first] = choices
    if (first) fields.reset(filledIn(fields.values, first))
  }
  return (
    <>
      <Fieldset legend="Listings">
        <Text size="sm" mb="sm" maw={760}>
          Choose where the event is listed already, and its name, start and time zone are filled in.{' '}
          {listings.length > 1
            ? 'The units are split by weight until sales show the demand.'
            : 'Without listings it is sold directly only. More can be added later.'}
        </Text>
        <Group gap="xs">
          <ChooseListings
            chosen={listings.flatMap(({ choice }) => choice ?? [])}
            onChange={choose}
            most={MOST_LISTINGS - entered.length}
          />
          <Button variant="default" disabled={isFull} onClick={() => add(newListing())}>
            Add a listing by its id
          </Button>
          <Button variant="default" disabled={isFull} onClick={() => add(newListing('MANUAL'))}>
            Add a list without an API
          </Button>
        </Group>
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
    </>
  )
}

/** What is chosen still keeps its name and weight. */
function withChoices(listings: readonly ListingValues[], choices: readonly Choice[]): ListingValues[] {
  const isIn = (choice: Choice, others: readonly (Choice | null)[]) =>
    others.some((other) => other !== null && isSameChoice(choice, other))
  const kept = listings.filter(({ choice }) => choice === null || isIn(choice, choices))
  const known = kept.map(({ choice }) => choice)
  return [...kept, ...choices.filter((choice) => !isIn(choice, known)).map(chosenListing)]
}

/** Only an event that nothing is entered of yet. */
function filledIn(values: EventValues, { listing: { name, startsAt, timezone } }: Choice): EventValues {
  if (values.name !== '' || values.startsAt !== '') return values
  const zone = timezone !== null && isTimeZone(timezone) ? timezone : values.timezone
  return { ...values, name, timezone: zone, startsAt: startsAt === null ? '' : toZonedTime(startsAt, zone) }
}
