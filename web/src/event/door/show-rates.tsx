import { Text } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { useAttendance } from '../../api/queries'
import { count } from '../../ui/count'
import { DataTable, type Column } from '../../ui/data-table'
import { QueryState } from '../../ui/feedback'
import { channelName, inDisplayOrder, labelOf } from '../../ui/labels'
import { Panel } from '../../ui/panel'

type Channel = Schemas['ChannelShowRateDto']

const PERCENT = new Intl.NumberFormat('en-GB', { style: 'percent' })

/** How many of the tickets sold on each channel are in, next to the share at earlier events. */
export function ShowRates({ event }: { event: Schemas['EventDto'] }) {
  const attendance = useAttendance(event.id)
  const channels = inDisplayOrder(attendance.data?.channels ?? [])
  return (
    <Panel title="Sold and attended" asOf={attendance}>
      <QueryState query={attendance}>
        <DataTable caption="Sold and attended by channel" columns={columnsFor(channels)} rows={channels} id={idOf} />
        <Text size="sm" c="dimmed" mt="xs">
          Before: of all tickets of the latest five ended events on the same account. Events without a check-in do not
          count.
        </Text>
      </QueryState>
    </Panel>
  )
}

const idOf = ({ channelId }: Channel) => channelId

function columnsFor(channels: readonly Channel[]): Column<Channel>[] {
  return [
    { head: 'Channel', cell: (channel) => channelName(channel, channels), card: 'title' },
    { head: 'Sold', number: true, cell: ({ sold }) => count(sold) },
    { head: 'Attended', number: true, cell: ({ attended }) => count(attended) },
    { head: 'Share', number: true, cell: ({ share }) => (share === null ? null : PERCENT.format(share)) },
    { head: 'Before', cell: ({ platform, history }) => history && historyText(platform, history), card: 'wide' },
  ]
}

function historyText(platform: string, { events, share }: Schemas['ShowHistoryDto']): string {
  const name = platform === 'DIRECT' ? 'events with direct sales' : `${labelOf(platform)} events`
  return events === 1
    ? `At the last of your ${name} ${PERCENT.format(share)} came`
    : `At your last ${events} ${name} ${PERCENT.format(share)} came`
}
