import { Text } from '@mantine/core'
import type { Schemas } from '../api/client'
import { useBackground } from '../api/queries'
import { count } from '../ui/count'
import { DataTable, type Column } from '../ui/data-table'
import { QueryState } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { Age, span } from '../ui/times'

type Task = Schemas['BackgroundTaskDto']

/** What one process does without a request. */
export function BackgroundPanel() {
  const tasks = useBackground()
  return (
    <Panel title="Background work" asOf={tasks}>
      <QueryState query={tasks}>
        <Text size="sm" mb="xs">
          Of the process that serves this page, since it was started; other processes may run the same tasks.
        </Text>
        <DataTable
          caption="Background work"
          columns={COLUMNS}
          rows={tasks.data?.items ?? []}
          id={({ kind, name }) => `${kind} ${name}`}
        />
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<Task>[] = [
  { head: 'Name', cell: ({ name }) => name, card: 'title' },
  { head: 'Runs', cell: (task) => interval(task) },
  {
    head: 'Last run',
    cell: ({ started, lastStartedAt: at }) => (at ? <Age at={at} /> : started ? 'none yet' : 'not in this process'),
  },
  { head: 'Duration', number: true, cell: ({ lastDurationMs: ms }) => (ms === null ? null : span(ms)) },
  { head: 'Failures in a row', number: true, cell: ({ failuresInARow }) => warned(failuresInARow) },
  { head: 'Last error', cell: ({ lastError }) => lastError, card: 'wide' },
]

function interval({ kind, everyMs }: Task): string {
  if (everyMs !== null) return `every ${span(everyMs)}`
  return kind === 'job handler' ? 'per job' : 'per stock change'
}

const warned = (failures: number) => (failures > 0 ? `⚠ ${count(failures)}` : '0')
