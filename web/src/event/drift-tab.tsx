import { Group, Text } from '@mantine/core'
import { post, type Schemas } from '../api/client'
import { useDrift, useRuns } from '../api/queries'
import { useMay } from '../api/session'
import { ActionButton } from '../ui/action'
import { DriftTable } from '../ui/drift-table'
import { QueryState, Nothing } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { Age } from '../ui/times'

/** Where ledger, gate and platforms have differed. */
export function DriftTab({ event }: { event: Schemas['EventDto'] }) {
  const drift = useDrift(event.id)
  const runs = useRuns().data?.items ?? []
  const may = useMay('OPERATOR')
  const running = runs.find((run) => run.state === 'RUNNING' && (run.eventId === null || run.eventId === event.id))
  const last = runs.find((run) => run.finishedAt && (run.eventId === null || run.eventId === event.id))
  const items = drift.data?.items ?? []
  return (
    <Panel
      title="Drift"
      asOf={drift}
      actions={
        may ? (
          <Group gap="xs">
            <ActionButton work={() => post('/api/v1/reconciliation/runs', { body: { eventId: event.id } })}>
              Reconcile now
            </ActionButton>
          </Group>
        ) : null
      }
    >
      <Text size="sm" c="dimmed" mb="xs">
        {last ? (
          <>
            Last reconciled <Age at={last.finishedAt} />.{' '}
          </>
        ) : running ? null : (
          'Not reconciled yet.'
        )}
        {running ? 'A reconciliation is running.' : null}
      </Text>
      <QueryState query={drift}>
        {items.length === 0 ? (
          <Nothing>No differences found.</Nothing>
        ) : (
          <DriftTable items={items} zone={event.timezone} />
        )}
      </QueryState>
    </Panel>
  )
}
