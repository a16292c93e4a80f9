import { Text } from '@mantine/core'
import type { Schemas } from '../api/client'
import { useNow } from '../ui/clock'
import { span } from '../ui/times'
import { count, wordOf } from '../ui/words'

/** What moves and why: "Meetup −10 → Luma +10", then the paces and what both had left. */
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

/** A move that no cap has confirmed for so long, ms, was overtaken: the units were sold, or went elsewhere. */
const OVERTAKEN_MS = 120_000

/** How long it took until the units could be sold where they went. */
export function MoveOutcome({ move: { plannedAt, confirmedAt } }: { move: Schemas['RebalanceMoveDto'] }) {
  const now = useNow()
  const planned = new Date(plannedAt).getTime()
  if (confirmedAt) return <>confirmed in {span(Math.max(0, new Date(confirmedAt).getTime() - planned))}</>
  return (
    <Text span inherit c="dimmed">
      {now - planned < OVERTAKEN_MS ? 'not confirmed yet' : 'overtaken before it was confirmed'}
    </Text>
  )
}
