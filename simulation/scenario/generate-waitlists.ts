import { seededRandom, type Random } from '../../simulators/kit/index.js'
import type { Action, Card, EventPlan, JoinAction } from './actions.js'

const SMALL = [1, 1, 2, 2, 3]
const LARGE = [8, 15, 40]
const CARDS: readonly Card[] = ['approve', 'approve', 'decline', 'slow', 'slow-decline']
const RESPONSES = ['accept', 'accept', 'decline', 'ignore'] as const
const PEOPLE = 12

/**
 * Waitlists: policies of events, entrants, and offers, removals and moves by operators. Drawn from a random source of its own, so that the rest
 * of a scenario is the same without it.
 */
export function waitlistsOf(
  seed: number,
  events: readonly EventPlan[],
  activeMs: number,
): { events: EventPlan[]; actions: Action[] } {
  const random = seededRandom(seed ^ 0x3a17)
  const counts = events.map(() => random.pick([0, 0, 0, 3, 8, 16]))
  const plans = events.map((event, index): EventPlan => {
    const isAutomatic = random.chance(0.7)
    return counts[index] && isAutomatic ? { ...event, waitlistPolicy: 'AUTOMATIC' } : event
  })
  const joins = counts.flatMap((count, event) =>
    Array.from({ length: count }, (): Action => ({ atMs: random.integer(0, activeMs), ...joinOf(random, event) })),
  )
  const offers = Array.from({ length: joins.length === 0 ? 0 : random.integer(0, 5) }, (): Action => {
    const ttlSeconds = random.pick([2, 10, 30])
    return { atMs: random.integer(0, activeMs), kind: 'offer-to-entry', entry: random.next(), ttlSeconds }
  })
  const changes = Array.from({ length: joins.length === 0 ? 0 : random.integer(0, 3) }, (): Action => {
    const at = { atMs: random.integer(0, activeMs), entry: random.next() }
    return random.chance(0.5)
      ? { ...at, kind: 'remove-entry' }
      : { ...at, kind: 'move-entry', position: random.integer(1, 5) }
  })
  return { events: plans, actions: [...joins, ...offers, ...changes] }
}

function joinOf(random: Random, event: number): JoinAction {
  const leaves = random.chance(0.2) ? { leaveAfterMs: random.integer(0, 60_000) } : {}
  return {
    kind: 'join-waitlist',
    event,
    person: random.integer(1, PEOPLE),
    quantity: random.pick(random.chance(0.15) ? LARGE : SMALL),
    response: random.pick(RESPONSES),
    afterMs: random.pick([0, 1_000, 5_000, 9_000, 30_000]),
    ...leaves,
    ...(random.chance(0.85) ? { verifyAfterMs: random.pick([0, 1_000, 5_000, 20_000]) } : {}),
    card: random.pick(CARDS),
  }
}
