import { Stack, Tabs, Title } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { useMay } from '../api/session'
import { Waiting } from '../ui/feedback'
import { linkTo } from '../ui/route'
import { BackgroundPanel } from './background-panel'
import { Deliveries } from './deliveries'
import { Mails } from './mails'
import { ModeHistory } from './mode-history'
import { ModePanel } from './mode-panel'
import { PlatformPanel } from './platform-panel'
import { QueueLink } from './queue-link'
import { Runs } from './runs'

const ConnectionsPage = lazy(() => import('../connections/connections-page'))
const NotificationsPage = lazy(() => import('../notifications/notifications-page'))

const PARTS = [
  { part: 'mode', label: 'Mode' },
  { part: 'connections', label: 'Connections' },
  { part: 'reconciliation', label: 'Reconciliation' },
  { part: 'deliveries', label: 'Deliveries' },
  { part: 'background', label: 'Background' },
]
const ADMIN_PARTS = [...PARTS, { part: 'notifications', label: 'Notifications' }, { part: 'mails', label: 'Mails' }]

/** Settings and state of the whole system. */
export default function SystemPage({ part }: { part: string }) {
  const parts = useMay('ADMIN') ? ADMIN_PARTS : PARTS
  const shown = parts.some((known) => known.part === part) ? part : 'mode'
  const choose = (next: string | null) => {
    window.location.hash = linkTo('system', next ?? 'mode')
  }
  return (
    <Stack>
      <Title order={1} size="h2">
        System
      </Title>
      <Tabs value={shown} onChange={choose} keepMounted={false}>
        <Tabs.List mb="md" className="parts">
          {parts.map(({ part: value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="mode">
          <Stack>
            <ModePanel />
            <ModeHistory />
            <PlatformPanel />
            <QueueLink />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="connections">
          <Suspense fallback={<Waiting />}>
            <ConnectionsPage />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="reconciliation">
          <Runs />
        </Tabs.Panel>
        <Tabs.Panel value="deliveries">
          <Deliveries />
        </Tabs.Panel>
        <Tabs.Panel value="background">
          <BackgroundPanel />
        </Tabs.Panel>
        <Tabs.Panel value="notifications">
          <Suspense fallback={<Waiting />}>
            <NotificationsPage />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="mails">
          <Mails />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}
