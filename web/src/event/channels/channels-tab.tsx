import type { ReactNode } from 'react'
import type { Schemas } from '../../api/client'
import { useChannels, usePlatforms } from '../../api/queries'
import { useMay } from '../../api/session'
import { Count } from '../../ui/count'
import { DataTable, type Column } from '../../ui/data-table'
import { Failure } from '../../ui/feedback'
import { channelName, inDisplayOrder } from '../../ui/labels'
import { Panel } from '../../ui/panel'
import { Age } from '../../ui/times'
import { AddListing } from './add-listing'
import {
  BreakerCell,
  CapsCell,
  ChannelActions,
  ExposureCell,
  LastWebhookCell,
  ModeCell,
  NameCell,
  ThrottleCell,
  VelocityCell,
  type Row,
} from './channel-cells'
import { ListingTasks } from './listing-tasks'
import { DriftCell, useDriftState } from './drift-cell'

interface ChannelsTabProps {
  event: Schemas['EventDto']
  stock: Schemas['StockDto']
}

export function ChannelsTab({ event, stock }: ChannelsTabProps) {
  const channels = useChannels(event.id)
  const platforms = usePlatforms()
  const drift = useDriftState(event.id)
  const may = useMay('OPERATOR')
  const rows = inDisplayOrder(stock.channels).map((channel): Row => ({
    ...channel,
    name: channelName(channel, stock.channels),
    detail: channels.data?.items.find(({ id }) => id === channel.id),
    settings: event.channels.find(({ id }) => id === channel.id),
    health: platforms.data?.items.find(({ platform }) => platform === channel.platform),
    drift: drift(channel.platform),
  }))
  const actions: Column<Row> = {
    head: 'Actions',
    cell: ofPlatform((row) => <ChannelActions eventId={event.id} row={row} />),
    card: 'wide',
  }
  const mayChange = may && event.state !== 'CLOSED' && event.state !== 'ENDED'
  const columns = mayChange ? [...COLUMNS, actions] : COLUMNS
  return (
    <Panel title="Channels" asOf={stock.asOf}>
      <Failure error={channels.error ?? platforms.error} title="Some columns could not be loaded" />
      {may && event.state !== 'ENDED' ? <ListingTasks event={event} stock={stock} /> : null}
      {mayChange ? <AddListing eventId={event.id} /> : null}
      <DataTable caption="Channels and their state" columns={columns} rows={rows} id={(row) => row.id} />
    </Panel>
  )
}

const isPlatform = (row: Row) => row.platform !== 'DIRECT'
/** What only platforms have. */
const ofPlatform = (cell: (row: Row) => ReactNode) => (row: Row) => (isPlatform(row) ? cell(row) : null)

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Channel', cell: (row) => <NameCell row={row} />, card: 'title' },
  { head: 'Sold', number: true, cell: ({ sold }) => <Count of={sold} /> },
  { head: 'Cap, desired / confirmed', number: true, cell: ofPlatform((row) => <CapsCell row={row} />) },
  { head: 'Exposure', number: true, cell: ofPlatform((row) => <ExposureCell row={row} />) },
  { head: 'Per hour', number: true, cell: ofPlatform((row) => <VelocityCell row={row} />) },
  { head: 'Mode', cell: (row) => <ModeCell row={row} /> },
  { head: 'Last webhook', cell: ofPlatform((row) => <LastWebhookCell row={row} />) },
  { head: 'Last confirmed', cell: ofPlatform((row) => <Age at={row.lastConfirmedAt} className="short" />) },
  { head: 'Throttle', cell: ofPlatform((row) => <ThrottleCell row={row} />) },
  { head: 'Breaker', cell: ofPlatform((row) => <BreakerCell row={row} />) },
  { head: 'Drift', cell: ofPlatform((row) => <DriftCell state={row.drift} />) },
]
