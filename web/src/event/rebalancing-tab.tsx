import { Button, Group, List, Stack, Text } from '@mantine/core'
import { post, type Schemas } from '../api/client'
import { useRebalances } from '../api/queries'
import { useMay } from '../api/session'
import { ActionButton, useAction } from '../ui/action'
import { count } from '../ui/count'
import { QueryState, Failure, Nothing } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { Panel } from '../ui/panel'
import { Instant, span, useNow } from '../ui/times'

/** Moves between channels: what was done and why, what would be done now, and stopping it. */
export function RebalancingTab({ event }: { event: Schemas['EventDto'] }) {
  const moves = useRebalances(event.id)
  const may = useMay('OPERATOR')
  const items = moves.data?.items ?? []
  return (
    <Stack>
      {may && event.state !== 'CLOSED' && event.state !== 'ENDED' ? <Controls event={event} /> : null}
      <Panel title="Moves, newest first" asOf={moves}>
        <QueryState query={moves}>
          {items.length === 0 ? <Nothing>No moves yet.</Nothing> : null}
          <List spacing="xs" size="sm" listStyleType="none">
            {items.map((move) => (
              <List.Item key={move.id}>
                <MoveDescription move={move} />, <MoveOutcome move={move} />
                <Text size="xs" c="dimmed">
                  <Instant at={move.plannedAt} zone={event.timezone} seconds />
                </Text>
              </List.Item>
            ))}
          </List>
        </QueryState>
      </Panel>
    </Stack>
  )
}

function Controls({ event }: { event: Schemas['EventDto'] }) {
  const path = { id: event.id }
  const preview = useAction(() => post('/api/v1/events/{id}/rebalance', { path, body: { dryRun: true } }))
  const planned = preview.data?.moves ?? []
  return (
    <Panel title="Controls">
      <Group gap="xs">
        <Button size="xs" variant="default" loading={preview.isPending} onClick={() => preview.mutate()}>
          Preview
        </Button>
        <ActionButton work={() => post('/api/v1/events/{id}/rebalance', { path, body: {} })}>
          Rebalance now
        </ActionButton>
        {event.frozen ? (
          <ActionButton work={() => post('/api/v1/events/{id}/unfreeze', { path })}>Unfreeze</ActionButton>
        ) : (
          <ActionButton work={() => post('/api/v1/events/{id}/freeze', { path })}>Freeze</ActionButton>
        )}
      </Group>
      <Text size="sm" mt="xs" c="dimmed">
        {event.frozen
          ? 'Frozen: caps do not change until you unfreeze. “Rebalance now” still moves once.'
          : 'Units move automatically after sales, and every few seconds. Freeze stops that.'}
      </Text>
      <Failure error={preview.error} />
      {preview.data ? (
        <div role="status">
          <Text size="sm" mt="sm" fw={600}>
            {planned.length === 0 ? 'No moves are planned now.' : 'Planned moves:'}
          </Text>
          <List size="sm">
            {planned.map((move, index) => (
              <List.Item key={index}>
                <MoveDescription move={move} />
              </List.Item>
            ))}
          </List>
        </div>
      ) : null}
    </Panel>
  )
}

/** A move and its reason: "Meetup −10 → Luma +10", then the velocities and remaining tickets. */
function MoveDescription({ move: { from, to, quantity, reason } }: { move: Schemas['MoveDto'] }) {
  // The reason names both sides once more, before a colon.
  const why = reason.slice(reason.indexOf(':') + 1).trim()
  return (
    <>
      <b className="short">
        {labelOf(from)} −{count(quantity)} → {labelOf(to)} +{count(quantity)}
      </b>
      , {why}
    </>
  )
}

/** A move that no cap has confirmed for this long, ms, was superseded: the units were sold or moved elsewhere. */
const SUPERSEDED_MS = 120_000

/** Time until the receiving channel could sell the units. */
function MoveOutcome({ move: { plannedAt, confirmedAt } }: { move: Schemas['RebalanceMoveDto'] }) {
  const now = useNow()
  const planned = new Date(plannedAt).getTime()
  if (confirmedAt) return <>confirmed in {span(Math.max(0, new Date(confirmedAt).getTime() - planned))}</>
  return (
    <Text span inherit c="dimmed">
      {now - planned < SUPERSEDED_MS ? 'not confirmed yet' : 'superseded before confirmation'}
    </Text>
  )
}
