import { List, Text } from '@mantine/core'
import { limitOf, nameOf, placeOf, soldOf, sumOf } from '../listings/choice'
import type { ListingValues } from '../listings/listing-values'
import { count, Count } from '../ui/count'
import { DataTable, type Column } from '../ui/data-table'
import { labelOf } from '../ui/labels'
import { AsOf } from '../ui/times'

interface ListingsPreviewProps {
  listings: readonly ListingValues[]
  /** Of the new event. */
  capacity: number
}

interface Row {
  key: string
  name: string
  place: string
  sold: number | null
  limit: number | null
  weight: string
}

/** What the platforms show of the chosen listings now, next to the new capacity. What each of them gets, the service decides. */
export function ListingsPreview({ listings, capacity }: ListingsPreviewProps) {
  const rows = listings.map(rowOf)
  const read = listings.flatMap(({ choice }) => (choice ? [choice.readAt] : []))
  return (
    <>
      <DataTable caption="The listings at present" columns={COLUMNS} rows={rows} id={({ key }) => key} />
      <Text size="sm" my="sm" role="note" maw={760}>
        {sumText(rows, capacity)} {read.length > 0 ? <AsOf at={new Date(Math.min(...read)).toISOString()} /> : null}
      </Text>
      <Text size="sm" fw={600} mb={4}>
        What happens when the event is created:
      </Text>
      <List size="sm" type="ordered" spacing="xs" maw={760}>
        <List.Item>
          Each listing is read: what is sold there counts, and so does all that its present limit lets it sell.
        </List.Item>
        <List.Item>
          Listings whose limit is above their share are lowered first{firstText(rows, capacity)}. The others are raised
          as soon as a platform has confirmed a lower limit, so that at no moment more can be sold than there is.
        </List.Item>
        <List.Item>
          From then on the limits follow the sales. Only the limit of tickets is written, and whether the listing takes
          a waitlist instead: no text, date or price.
        </List.Item>
      </List>
      <Text size="sm" c="dimmed" mt="md" maw={760}>
        The next page shows what each listing gets, and when its platform has confirmed it.
      </Text>
    </>
  )
}

function rowOf(listing: ListingValues, index: number): Row {
  const { choice, platform, externalEventId, externalTicketClassId, label, weight } = listing
  const entered = [externalEventId.trim(), externalTicketClassId.trim()].filter(Boolean).join(', ticket type ')
  const name = choice ? nameOf(choice) : entered
  return {
    key: String(index),
    name: label.trim() ? `${name} (“${label.trim()}”)` : name,
    place: choice ? placeOf(choice) : labelOf(platform),
    sold: choice && soldOf(choice),
    limit: choice && limitOf(choice),
    weight: String(weight),
  }
}

/** The sums of what is shown, next to the capacity. */
function sumText(rows: readonly Row[], capacity: number): string {
  const [sold, limit] = [total(rows, 'sold'), total(rows, 'limit')]
  const more = (of: number) => (of > capacity ? `, ${count(of - capacity)} more than the capacity` : '')
  return (
    `Together: ${sold.text} sold${more(sold.known)}; the limits add up to ${limit.text}${more(limit.known)}. ` +
    `The capacity is ${count(capacity)}, safety stock and direct sales included.` +
    (sold.known > capacity ? ' ⚠ The event will be oversold from the start: raise its capacity, or cancel there.' : '')
  )
}

/** `known`: of those that are shown. */
function total(rows: readonly Row[], part: 'sold' | 'limit'): { known: number; text: string } {
  const known = sumOf(rows.map((row) => row[part] ?? 0)) ?? 0
  const isComplete = rows.every((row) => row[part] !== null)
  if (isComplete) return { known, text: count(known) }
  return { known, text: known === 0 ? 'an unknown number' : `at least ${count(known)}` }
}

/** Those that no share can be large enough for. */
function firstText(rows: readonly Row[], capacity: number): string {
  const above = rows.filter(({ limit }) => limit !== null && limit > capacity)
  if (above.length === 0) return ''
  const names = above.map(({ name, place }) => `${name} on ${place}`).join('; ')
  return `, here in any case: ${names}, whose limit alone is above the capacity`
}

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Listing', cell: ({ name }) => <span className="wrapped">{name}</span>, card: 'title' },
  { head: 'Where', cell: ({ place }) => <span className="wrapped">{place}</span>, card: 'wide' },
  { head: 'Sold now', number: true, cell: ({ sold }) => <Count of={sold} /> },
  { head: 'Limit now', number: true, cell: ({ limit }) => <Count of={limit} /> },
  { head: 'Weight', number: true, cell: ({ weight }) => weight },
]
