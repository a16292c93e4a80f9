import { Group, Stack, Text, Title } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { useSeats } from '../../api/queries'
import { count } from '../../ui/count'
import { QueryState } from '../../ui/feedback'
import { Panel } from '../../ui/panel'

type Seat = Schemas['SeatDto']

const SIGN: Record<string, string> = { AVAILABLE: '', HELD: 'h', SOLD: '×' }

/** The seat map: taken seats are marked by letter and colour. */
export function SeatMap({ event }: { event: Schemas['EventDto'] }) {
  const seats = useSeats(event.id)
  const items = seats.data?.items ?? []
  const of = (state: string) => count(items.filter((seat) => seat.state === state).length)
  return (
    <Panel title="Seats" asOf={seats}>
      <QueryState query={seats}>
        <Group gap="md" mb="sm">
          <Text size="sm">
            <span className="seat" aria-hidden /> {of('AVAILABLE')} free
          </Text>
          <Text size="sm">
            <span className="seat" data-state="HELD" aria-hidden>
              h
            </span>{' '}
            {of('HELD')} held
          </Text>
          <Text size="sm">
            <span className="seat" data-state="SOLD" aria-hidden>
              ×
            </span>{' '}
            {of('SOLD')} sold
          </Text>
        </Group>
        <Stack gap="md" className="seat-map" tabIndex={0} role="group" aria-label="Seat map">
          {sectionsOf(items).map(({ section, rows }) => (
            <section key={section} aria-label={`Section ${section}`}>
              <Title order={3} size="h5" mb={4}>
                {section}
              </Title>
              {rows.map(({ row, seats: line }) => (
                <SeatRow key={row} row={row} seats={line} />
              ))}
            </section>
          ))}
        </Stack>
      </QueryState>
    </Panel>
  )
}

function SeatRow({ row, seats }: { row: string; seats: readonly Seat[] }) {
  const taken = seats.filter(({ state }) => state !== 'AVAILABLE').length
  return (
    <div className="seat-row" role="img" aria-label={`Row ${row}: ${taken} of ${seats.length} taken`}>
      <b>{row}</b>
      {seats.map(({ seat, state }) => (
        <span key={seat} className="seat" data-state={state} title={`${seat}: ${state.toLowerCase()}`}>
          {SIGN[state]}
        </span>
      ))}
    </div>
  )
}

interface Row {
  row: string
  seats: Seat[]
}

/** `section-row-number`, in the order of the chart. */
function sectionsOf(seats: readonly Seat[]): { section: string; rows: Row[] }[] {
  const sections = new Map<string, Map<string, Seat[]>>()
  for (const seat of seats) {
    const parts = seat.seat.split('-')
    const row = parts.at(-2) ?? ''
    const section = parts.slice(0, -2).join('-')
    const rows = sections.get(section) ?? new Map<string, Seat[]>()
    rows.set(row, [...(rows.get(row) ?? []), seat])
    sections.set(section, rows)
  }
  return [...sections].map(([section, rows]) => ({
    section,
    rows: [...rows].map(([row, line]) => ({ row, seats: line })),
  }))
}
