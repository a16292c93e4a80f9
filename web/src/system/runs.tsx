import { Button, Group, Progress, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { post, type Schemas } from '../api/client'
import { useRunItems, useRuns } from '../api/queries'
import { useMay } from '../api/session'
import { ActionButton } from '../ui/action'
import { count } from '../ui/count'
import { DataTable, type Column } from '../ui/data-table'
import { DriftTable } from '../ui/drift-table'
import { QueryState, Nothing } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { Panel } from '../ui/panel'
import { Age, span } from '../ui/times'

type Run = Schemas['RunDto']

/** Reconciliation: runs with their progress, and what each found. */
export function Runs() {
  const runs = useRuns()
  const may = useMay('OPERATOR')
  const [shown, setShown] = useState<string | null>(null)
  const rows = runs.data?.items ?? []
  const open: Column<Run> = {
    head: 'Actions',
    cell: ({ id, itemCount }) =>
      itemCount > 0 ? (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => setShown(shown === id ? null : id)}
          aria-expanded={shown === id}
        >
          {shown === id ? 'Hide' : 'Show'} differences
        </Button>
      ) : null,
  }
  return (
    <Stack>
      <Panel title="Reconciliation runs" asOf={runs} actions={may ? <Start /> : null}>
        <QueryState query={runs}>
          {rows.length === 0 ? (
            <Nothing>No runs yet. The next one starts on schedule.</Nothing>
          ) : (
            <DataTable caption="Runs, newest first" columns={[...COLUMNS, open]} rows={rows} id={({ id }) => id} />
          )}
        </QueryState>
      </Panel>
      {shown ? <Items runId={shown} /> : null}
    </Stack>
  )
}

function Start() {
  return (
    <Group gap="xs">
      <ActionButton work={() => post('/api/v1/reconciliation/runs', { body: { dryRun: true } })}>Dry run</ActionButton>
      <ActionButton work={() => post('/api/v1/reconciliation/runs', { body: {} })}>Run now</ActionButton>
    </Group>
  )
}

function Items({ runId }: { runId: string }) {
  const run = useRunItems(runId)
  const items = run.data?.items ?? []
  const rest = (run.data?.itemCount ?? 0) - items.length
  return (
    <Panel title="Differences found" asOf={run}>
      <QueryState query={run}>
        <DriftTable items={items} />
        {rest > 0 ? <Text size="sm">and {count(rest)} more</Text> : null}
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<Run>[] = [
  { head: 'Started', cell: ({ startedAt }) => <Age at={startedAt} /> },
  { head: 'By', cell: ({ trigger, requestedBy }) => requestedBy ?? labelOf(trigger), card: 'wide' },
  { head: 'State', cell: (run) => <State run={run} />, card: 'title' },
  { head: 'Duration', number: true, cell: (run) => durationOf(run) },
  { head: 'Differences', number: true, cell: ({ itemCount }) => count(itemCount) },
]

function State({ run: { state, dryRun, eventsDone, eventsTotal, reason } }: { run: Run }) {
  return (
    <>
      {labelOf(state)}
      {dryRun ? ', dry run' : ''}
      {reason ? `: ${reason}` : ''}
      {state === 'RUNNING' ? (
        <>
          {' '}
          {count(eventsDone)} of {eventsTotal === null ? 'unknown' : count(eventsTotal)} events
          <Progress value={(eventsDone / Math.max(1, eventsTotal ?? 1)) * 100} aria-label="Progress of the run" />
        </>
      ) : null}
    </>
  )
}

function durationOf({ startedAt, finishedAt }: Run): string | null {
  return finishedAt ? span(new Date(finishedAt).getTime() - new Date(startedAt).getTime()) : null
}
