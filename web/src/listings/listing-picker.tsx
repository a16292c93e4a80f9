import { Alert, Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useConnections } from '../api/queries'
import { Failure, Nothing, Waiting } from '../ui/feedback'
import { linkTo } from '../ui/route'
import { toZonedTime } from '../ui/zoned-time'
import { isSameChoice, placeOf, type Choice, type Connection, type Listed } from './choice'
import { ListedRow, type Choosing } from './listed-row'
import { similarTo } from './similar'
import { inOrder, useUpcoming } from './upcoming'

interface ListingPickerProps {
  chosen: readonly Choice[]
  onChange: (chosen: readonly Choice[]) => void
  /** How many can be chosen; with 1, another choice replaces the first. */
  most: number
}

/** Listings that the connected accounts have ahead of them, to choose from. */
export function ListingPicker(props: ListingPickerProps) {
  const connections = useConnections()
  const withApi = connections.data?.items.filter(({ platform }) => platform !== 'MANUAL')
  if (!withApi) return connections.error ? <Failure error={connections.error} /> : <Waiting />
  if (withApi.length > 0) return <Upcoming connections={withApi} {...props} />
  return (
    <Nothing>
      No account is connected yet. An admin can connect one under{' '}
      <a href={linkTo('system', 'connections')}>System, Connections</a>.
    </Nothing>
  )
}

function Upcoming({
  connections,
  chosen,
  onChange,
  most,
}: ListingPickerProps & { connections: readonly Connection[] }) {
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), 400)
  const [from, setFrom] = useState('')
  const [until, setUntil] = useState('')
  const found = useUpcoming(connections, q)
  // What is similar to a choice may not match what was typed to find that one.
  const all = useUpcoming(connections, '')
  // What is known to match stays in its place while the accounts are searched.
  const known = all.items.filter(({ listing }) => listing.name.toLowerCase().includes(q.toLowerCase()))
  const matching = inOrder([...found.items, ...known])
  const shown = matching.filter((one) => isBetween(one, from, until))
  const similar = most > 1 ? similarTo(chosen, all.items) : []
  const choosing: Choosing = {
    chosen,
    isFull: most > 1 && chosen.length >= most,
    toggle: (choice) => {
      const others = chosen.filter((one) => !isSameChoice(one, choice))
      if (others.length < chosen.length) onChange(others)
      else onChange(most > 1 ? [...chosen, choice] : [choice])
    },
  }
  const takeSimilar = () => {
    const added = similar.map((one): Choice => ({ ...one, type: null }))
    onChange([...chosen, ...added].slice(0, most))
  }
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="xs" verticalSpacing="xs">
        <TextInput
          label="Search by name"
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label="From"
          value={from}
          max={until}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label="Until"
          value={until}
          min={from}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </SimpleGrid>
      {similar.length > 0 ? (
        <Alert role="group" aria-label="Probably the same event" title="Probably the same event" color="blue">
          <Text size="sm">On the same date, with a similar name:</Text>
          <ul className="listed">
            {similar.map((one) => (
              <ListedRow key={keyOf(one)} listed={one} choosing={choosing} isShort />
            ))}
          </ul>
          {similar.length > 1 ? (
            <Button size="xs" mt="xs" onClick={takeSimilar}>
              Choose all {similar.length}
            </Button>
          ) : null}
        </Alert>
      ) : null}
      {found.failures.map(({ connection, error, retry }) => (
        <Group key={connection.id} gap="xs" align="center">
          <Failure title={`${placeOf({ connection })} cannot be listed`} error={error} />
          <Button size="xs" variant="default" onClick={retry} aria-label={`Try again: ${placeOf({ connection })}`}>
            Try again
          </Button>
        </Group>
      ))}
      <ul className="listed" aria-label="Listings" aria-busy={found.isReading}>
        {shown.map((one) => (
          <ListedRow key={keyOf(one)} listed={one} choosing={choosing} />
        ))}
      </ul>
      {found.isReading ? <Waiting /> : null}
      {shown.length === 0 && !found.isReading ? <Nothing>{nothingText(matching.length, q)}</Nothing> : null}
      {found.readMore && !found.isReading ? (
        <Button variant="default" size="xs" onClick={found.readMore}>
          Show later ones
        </Button>
      ) : null}
    </Stack>
  )
}

const keyOf = ({ connection, listing }: Listed) => `${connection.id} ${listing.externalEventId}`

function nothingText(read: number, q: string): string {
  if (read > 0) return 'None on these dates, of those read so far.'
  return q === '' ? 'The accounts have no upcoming listings.' : 'No upcoming listing has this name.'
}

/** Dates as `2030-01-31` in the time zone of the listing; empty: no limit. */
function isBetween({ listing: { startsAt, timezone } }: Listed, from: string, until: string): boolean {
  if (from === '' && until === '') return true
  if (startsAt === null) return false
  const date = toZonedTime(startsAt, timezone ?? 'UTC').slice(0, 10)
  return (from === '' || date >= from) && (until === '' || date <= until)
}
