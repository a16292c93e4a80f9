import { Group, Text } from '@mantine/core'
import { useState } from 'react'
import type { Schemas } from '../api/client'
import { useNotificationTargets } from '../api/queries'
import { ActionButton } from '../ui/action'
import { DataTable, type Column } from '../ui/data-table'
import { Nothing, QueryState } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { AddTarget } from './add-target'
import { useTests } from './awaited-tests'
import { ChangeTarget } from './change-target'
import { RemoveTarget } from './remove-target'
import { SigningSecret } from './signing-secret'
import { inDisplayOrder, TARGET_EVENTS, TARGET_KINDS, type Target } from './target-kinds'
import { TargetState } from './target-state'

/** Where alerts, milestones and digests are sent. For admins. */
export default function NotificationsPage() {
  const tests = useTests()
  const targets = useNotificationTargets((target) => tests.awaitedOf(target) !== undefined)
  // No other response has their secrets: they are shown until they are hidden, or the page is left.
  const [added, setAdded] = useState<readonly Schemas['CreatedNotificationDto'][]>([])
  const items = targets.data?.items ?? []
  return (
    <Panel
      title="Notifications"
      asOf={targets}
      actions={<AddTarget onAdded={(target) => setAdded((others) => [target, ...others])} />}
    >
      <Text size="sm" c="dimmed" mb="sm" maw={760}>
        Alerts, milestones of sales and daily digests are sent to these targets, each with a link to its place here.
      </Text>
      {added.map(({ id, label, secret }) => {
        // Not of one that was removed since.
        if (secret === null || !items.some((item) => item.id === id)) return null
        const hide = () => setAdded((shown) => shown.filter((one) => one.id !== id))
        return <SigningSecret key={id} label={label} secret={secret} onHide={hide} />
      })}
      <QueryState query={targets}>
        {items.length === 0 ? (
          <Nothing>None yet. Alerts are shown on this page only.</Nothing>
        ) : (
          <DataTable caption="Notification targets" columns={columnsWith(tests)} rows={items} id={({ id }) => id} />
        )}
      </QueryState>
    </Panel>
  )
}

function columnsWith(tests: ReturnType<typeof useTests>): Column<Target>[] {
  return [
    { head: 'Name', cell: ({ label }) => <span className="wrapped">{label}</span>, card: 'title' },
    { head: 'Kind', cell: ({ kind }) => TARGET_KINDS[kind].name },
    { head: 'Address', cell: ({ target }) => <span className="wrapped">{target}</span>, card: 'wide' },
    { head: 'Sent there', cell: ({ events }) => inWords(events), card: 'wide' },
    {
      head: 'State',
      cell: (target) => <TargetState target={target} test={tests.awaitedOf(target)} />,
      card: 'wide',
    },
    {
      head: 'Actions',
      cell: (target) => (
        <Group gap={6} miw={210}>
          <ActionButton size="compact-xs" aria-label={`Test ${target.label}`} work={() => tests.queue(target.id)}>
            Test
          </ActionButton>
          <ChangeTarget target={target} />
          <RemoveTarget target={target} />
        </Group>
      ),
      card: 'wide',
    },
  ]
}

function inWords(events: Target['events']): string {
  if (events.length === 0) return 'Nothing but tests'
  return inDisplayOrder(events)
    .map((event) => TARGET_EVENTS[event].name)
    .join(', ')
}
