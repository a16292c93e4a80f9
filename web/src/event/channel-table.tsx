import { Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Schemas } from '../api/client'
import { useChannels, usePlatforms } from '../api/queries'
import { useMay } from '../api/session'
import { DataTable, type Column } from '../ui/data-table'
import { Failure } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { Age, span, Unknown } from '../ui/times'
import { channelName, count, Count, inDisplayOrder, StateBadge, wordOf } from '../ui/words'
import { ChannelActions } from './channel-actions'
import { DriftCell, useDriftState, type DriftState } from './drift-state'

type StockChannel = Schemas['StockDto']['channels'][number]

/** The state of a channel, merged from three API responses. */
export interface Row extends StockChannel {
  name: string
  detail: Schemas['ChannelDetailDto'] | undefined
  state: Schemas['PlatformStateDto'] | undefined
  drift: DriftState
}

interface ChannelTableProps {
  event: Schemas['EventDto']
  stock: Schemas['StockDto']
}

export function ChannelTable({ event, stock }: ChannelTableProps) {
  const channels = useChannels(event.id)
  const platforms = usePlatforms()
  const drift = useDriftState(event.id)
  const may = useMay('OPERATOR')
  const rows = inDisplayOrder(stock.channels).map((channel): Row => ({
    ...channel,
    name: channelName(channel, stock.channels),
    detail: channels.data?.items.find(({ id }) => id === channel.id),
    state: platforms.data?.items.find(({ platform }) => platform === channel.platform),
    drift: drift(channel.platform),
  }))
  const actions: Column<Row> = {
    head: 'Actions',
    cell: ofPlatform((row) => <ChannelActions eventId={event.id} row={row} />),
    card: 'wide',
  }
  const columns = may && event.state !== 'CLOSED' && event.state !== 'ENDED' ? [...COLUMNS, actions] : COLUMNS
  return (
    <Panel title="Channels" asOf={stock.asOf}>
      <Failure error={channels.error ?? platforms.error} title="Some columns could not be loaded" />
      <DataTable caption="Channels and their state" columns={columns} rows={rows} id={(row) => row.id} />
    </Panel>
  )
}

const isPlatform = (row: Row) => row.platform !== 'DIRECT'
/** What only platforms have. */
const ofPlatform = (cell: (row: Row) => ReactNode) => (row: Row) => (isPlatform(row) ? cell(row) : null)

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Channel', cell: (row) => <Name row={row} />, card: 'title' },
  { head: 'Sold', number: true, cell: ({ sold }) => <Count of={sold} /> },
  { head: 'Cap, desired / confirmed', number: true, cell: ofPlatform((row) => <Caps row={row} />) },
  { head: 'Exposure', number: true, cell: ofPlatform((row) => <Exposure row={row} />) },
  { head: 'Per hour', number: true, cell: ofPlatform((row) => <Velocity row={row} />) },
  { head: 'Mode', cell: (row) => <Mode row={row} /> },
  { head: 'Last webhook', cell: ofPlatform((row) => <LastWebhook row={row} />) },
  { head: 'Last confirmed', cell: ofPlatform((row) => <Age at={row.lastConfirmedAt} className="short" />) },
  { head: 'Throttle', cell: ofPlatform((row) => <Throttle row={row} />) },
  { head: 'Breaker', cell: ofPlatform((row) => <Breaker row={row} />) },
  { head: 'Drift', cell: ofPlatform((row) => <DriftCell state={row.drift} />) },
]

function Name({ row }: { row: Row }) {
  return (
    <Stack gap={0}>
      <Text fw={600} size="sm">
        {row.name}
      </Text>
      {row.detail?.syncError ? (
        <Text size="xs" className="on-danger" maw={260}>
          ⚠ {row.detail.syncError}
        </Text>
      ) : null}
    </Stack>
  )
}

function Caps({ row }: { row: Row }) {
  const unconfirmed = row.detail?.unconfirmedCap
  return (
    <>
      <span className="short">
        <Count of={row.desiredCap} /> / <Count of={row.confirmedCap} />
      </span>
      {typeof unconfirmed === 'number' ? (
        <Text size="xs" c="dimmed">
          {count(unconfirmed)} sent, not confirmed
        </Text>
      ) : null}
    </>
  )
}

/** Null here is not "unknown number" but "no bound is known", which is worse. */
function Exposure({ row }: { row: Row }) {
  const carts = row.detail?.pendingTickets ?? 0
  return (
    <>
      {typeof row.exposure === 'number' ? count(row.exposure) : 'unbounded'}
      {carts > 0 ? (
        <Text size="xs" c="dimmed">
          {count(carts)} in carts
        </Text>
      ) : null}
    </>
  )
}

function Velocity({ row }: { row: Row }) {
  const velocity = row.velocityPerHour
  if (typeof velocity !== 'number') return <Unknown />
  return <>{velocity < 100 ? velocity.toFixed(1) : count(Math.round(velocity))}</>
}

function Mode({ row }: { row: Row }) {
  const desired = row.detail?.desiredMode
  const differs = desired !== undefined && desired !== row.mode
  return (
    <Group gap={4}>
      <StateBadge state={row.mode} />
      {row.detail?.pausedSince ? (
        <Text size="xs" c="dimmed">
          paused manually
        </Text>
      ) : differs ? (
        <Text size="xs" c="dimmed">
          desired: {wordOf(desired)}
        </Text>
      ) : null}
    </Group>
  )
}

/** For a platform without webhooks: the last poll. */
function LastWebhook({ row }: { row: Row }) {
  if (row.state?.hasWebhooks === false) {
    return (
      <span className="short">
        polled <Age at={row.detail?.lastPullAt} />
      </span>
    )
  }
  return <Age at={row.lastWebhookAt} className="short" />
}

function Throttle({ row }: { row: Row }) {
  const wait = row.state?.throttleWaitMs
  if (typeof wait !== 'number') return <Unknown />
  return <span className="short">{wait === 0 ? 'no wait' : `waits ${span(wait)}`}</span>
}

function Breaker({ row }: { row: Row }) {
  if (!row.state) return <Unknown />
  return <>{{ CLOSED: 'closed', OPEN: '⚠ open', HALF_OPEN: 'half-open' }[row.state.breaker] ?? row.state.breaker}</>
}
