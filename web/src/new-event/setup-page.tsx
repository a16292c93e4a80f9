import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core'
import type { Schemas } from '../api/client'
import { useEvent, useStock } from '../api/queries'
import { Count, count } from '../ui/count'
import { DataTable, type Column } from '../ui/data-table'
import { QueryState } from '../ui/feedback'
import { channelName, inDisplayOrder } from '../ui/labels'
import { Panel } from '../ui/panel'
import { linkTo } from '../ui/route'

type StockChannel = Schemas['StockDto']['channels'][number]

interface Row extends StockChannel {
  name: string
  syncError: string | null
}

/** A new event's listings, until each platform has confirmed its cap. */
export default function SetupPage({ id }: { id: string }) {
  const event = useEvent(id)
  const stock = useStock(id)
  const platforms = stock.data?.channels.filter(({ platform }) => platform !== 'DIRECT') ?? []
  const rows = inDisplayOrder(platforms).map((channel): Row => ({
    ...channel,
    name: channelName(channel, platforms),
    syncError: event.data?.channels.find((own) => own.id === channel.id)?.syncError ?? null,
  }))
  const confirmed = rows.filter(isConfirmed).length
  const isDone = stock.data !== undefined && confirmed === rows.length
  return (
    <QueryState query={event}>
      <Stack>
        <div>
          <Anchor size="sm" href={linkTo()}>
            ← Overview
          </Anchor>
          <Title order={1} size="h2" className="event-name">
            {event.data?.name}
          </Title>
        </div>
        <Panel title="Setting up the listings" asOf={stock.data?.asOf}>
          <QueryState query={stock}>
            <Text role="status" mb="sm">
              {isDone
                ? `✓ The event is on sale. ${allConfirmed(rows.length)}`
                : `${count(confirmed)} of ${count(rows.length)} confirmed.`}
            </Text>
            {rows.length > 0 ? (
              <DataTable caption="Listings and their progress" columns={COLUMNS} rows={rows} id={(row) => row.id} />
            ) : null}
            {isDone ? null : (
              <Text size="sm" c="dimmed" mt="sm">
                This continues without this page. A listing that waits to be raised may need another one to be lowered
                first.
              </Text>
            )}
          </QueryState>
        </Panel>
        <Group>
          <Button component="a" href={linkTo('events', id)} variant={isDone ? 'filled' : 'default'}>
            To the event
          </Button>
        </Group>
      </Stack>
    </QueryState>
  )
}

function allConfirmed(listings: number): string {
  return listings === 0 ? 'It has no listings.' : 'All its listings are confirmed.'
}

/** The desired cap is in force there. */
function isConfirmed({ desiredCap, confirmedCap }: StockChannel): boolean {
  return typeof desiredCap === 'number' && desiredCap === confirmedCap
}

function progressOf(row: Row): string {
  if (row.syncError) return `⚠ ${row.syncError}`
  if (typeof row.desiredCap !== 'number') return 'Being read: its sales and its present limit'
  if (isConfirmed(row)) return '✓ Confirmed'
  if (row.platform === 'MANUAL') return 'Set it there, then confirm it on the page of the event'
  return 'Waits for the platform to confirm'
}

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Listing', cell: ({ name }) => name, card: 'title' },
  { head: 'Sold there', number: true, cell: ({ sold }) => <Count of={sold} /> },
  { head: 'Cap, desired', number: true, cell: ({ desiredCap }) => <Count of={desiredCap} /> },
  { head: 'Cap, confirmed', number: true, cell: ({ confirmedCap }) => <Count of={confirmedCap} /> },
  { head: 'Progress', cell: progressOf, card: 'wide' },
]
