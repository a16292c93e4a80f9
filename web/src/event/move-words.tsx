import { Text } from '@mantine/core'
import type { Schemas } from '../api/client'
import { useNow } from '../ui/clock'
import { span } from '../ui/times'
import { count, wordOf } from '../ui/words'

/** A move and its reason: "Meetup −10 → Luma +10", then the velocities and remaining tickets. */
export function MoveWords({ move: { from, to, quantity, reason } }: { move: Schemas['MoveDto'] }) {
  // The reason names both sides once more, before a colon.
  const why = reason.slice(reason.indexOf(':') + 1).trim()
  return (
    <>
      <b className="short">
        {wordOf(from)} −{count(quantity)} → {wordOf(to)} +{count(quantity)}
      </b>
      , {why}
    </>
  )
}

/** A move that no cap has confirmed for this long, ms, was superseded: the units were sold or moved elsewhere. */
const SUPERSEDED_MS = 120_000

/** Time until the receiving channel could sell the units. */
export function MoveOutcome({ move: { plannedAt, confirmedAt } }: { move: Schemas['RebalanceMoveDto'] }) {
  const now = useNow()
  const planned = new Date(plannedAt).getTime()
  if (confirmedAt) return <>confirmed in {span(Math.max(0, new Date(confirmedAt).getTime() - planned))}</>
  return (
    <Text span inherit c="dimmed">
      {now - planned < SUPERSEDED_MS ? 'not confirmed yet' : 'superseded before confirmation'}
    </Text>
  )
}
