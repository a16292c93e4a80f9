import { Stack, Tabs } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { AlertList } from '../alerts/alert-list'
import { useAlerts, useEvent, useStock } from '../api/queries'
import { useMay } from '../api/session'
import { QueryState, Waiting } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { linkTo } from '../ui/route'
import { ChannelsTab } from './channels/channels-tab'
import { DirectTab } from './direct/direct-tab'
import { DriftTab } from './drift-tab'
import { EventHead } from './event-head'
import { LedgerTab } from './ledger-tab'
import { RebalancingTab } from './rebalancing-tab'
import { SalesTab } from './sales/sales-tab'
import { SettingsTab } from './settings-tab'
import { StockPanel } from './stock/stock-panel'

const DoorTab = lazy(() => import('./door/door-tab'))
const ContentsTab = lazy(() => import('./contents/contents-tab'))

const PARTS = [
  { part: 'channels', label: 'Channels' },
  { part: 'sales', label: 'Sales' },
  { part: 'door', label: 'Door' },
  { part: 'direct', label: 'Direct' },
  { part: 'rebalance', label: 'Rebalancing' },
  { part: 'ledger', label: 'Ledger' },
  { part: 'drift', label: 'Drift' },
  { part: 'contents', label: 'Title and time' },
]
const STAFF_PARTS = [...PARTS, { part: 'settings', label: 'Settings' }]

/** Everything about one event. */
export default function EventPage({ id, part }: { id: string; part: string }) {
  const event = useEvent(id)
  const stock = useStock(id)
  const parts = useMay('OPERATOR') ? STAFF_PARTS : PARTS
  const shown = parts.some((known) => known.part === part) ? part : 'channels'
  const choose = (next: string | null) => {
    window.location.hash = linkTo('events', id, next ?? 'channels')
  }
  return (
    <QueryState query={event}>
      {event.data ? (
        <Stack>
          <EventHead event={event.data} stock={stock.data} />
          <QueryState query={stock}>
            {stock.data ? <StockPanel stock={stock.data} target={event.data.targetCapacity} /> : null}
          </QueryState>
          <EventAlerts eventId={id} />
          <Tabs value={shown} onChange={choose} keepMounted={false}>
            <Tabs.List mb="md" className="parts">
              {parts.map(({ part: value, label }) => (
                <Tabs.Tab key={value} value={value}>
                  {label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="channels">
              {stock.data ? <ChannelsTab event={event.data} stock={stock.data} /> : null}
            </Tabs.Panel>
            <Tabs.Panel value="sales">
              <SalesTab event={event.data} />
            </Tabs.Panel>
            <Tabs.Panel value="door">
              <Suspense fallback={<Waiting />}>
                <DoorTab event={event.data} />
              </Suspense>
            </Tabs.Panel>
            <Tabs.Panel value="direct">
              {stock.data ? <DirectTab event={event.data} stock={stock.data} /> : null}
            </Tabs.Panel>
            <Tabs.Panel value="rebalance">
              <RebalancingTab event={event.data} />
            </Tabs.Panel>
            <Tabs.Panel value="ledger">
              <LedgerTab event={event.data} />
            </Tabs.Panel>
            <Tabs.Panel value="drift">
              <DriftTab event={event.data} />
            </Tabs.Panel>
            <Tabs.Panel value="contents">
              <Suspense fallback={<Waiting />}>
                <ContentsTab event={event.data} />
              </Suspense>
            </Tabs.Panel>
            <Tabs.Panel value="settings">
              <SettingsTab event={event.data} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      ) : null}
    </QueryState>
  )
}

/** The event's own open alerts, while there are any. */
function EventAlerts({ eventId }: { eventId: string }) {
  const alerts = useAlerts().data?.items.filter((alert) => alert.eventId === eventId) ?? []
  if (alerts.length === 0) return null
  return (
    <Panel title={`Open alerts (${alerts.length})`}>
      <AlertList alerts={alerts} withEvent={false} most={3} />
    </Panel>
  )
}
