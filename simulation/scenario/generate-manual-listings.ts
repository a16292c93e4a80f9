import { seededRandom, type Random } from '../../simulators/kit/index.js'
import type { Action, EventPlan, ManualAction } from './actions.js'

/** How long people take to set a cap, and to confirm it, ms. */
const TAKES_MS = [0, 0, 5_000, 30_000, 120_000]

/**
 * Listings without an API: their buyers, and a keeper who does some of what is requested, soon or late. Drawn from a random
 * source of its own.
 */
export function manualListingsOf(
  seed: number,
  events: readonly EventPlan[],
  activeMs: number,
): { events: EventPlan[]; actions: Action[] } {
  const random = seededRandom(seed ^ 0x3a11)
  if (!random.chance(0.1)) return { events: [...events], actions: [] }
  const actions: Action[] = []
  let manual = 0
  const planned = events.map((event): EventPlan => {
    const manualWeights = random.chance(0.7) ? random.pick([[1], [2], [3], [1, 1]]) : []
    for (const _ of manualWeights) actions.push(...activityOf(random, manual++, event, activeMs))
    return manualWeights.length > 0 ? { ...event, manualWeights } : event
  })
  return { events: planned, actions }
}

function activityOf(random: Random, manual: number, { capacity }: EventPlan, activeMs: number): Action[] {
  const times = (most: number) => Array.from({ length: random.integer(0, most) })
  const kept = [...times(6), null].map((): ManualAction => {
    const takes = { setAfterMs: random.pick(TAKES_MS), confirmAfterMs: random.pick(TAKES_MS) }
    return { kind: 'keep-manual-listing', manual, ...takes }
  })
  const sold = times(Math.min(60, Math.ceil(capacity / 3))).map((): ManualAction => {
    return { kind: 'sell-on-manual-listing', manual, tickets: random.integer(1, 3) }
  })
  const cancelled = times(3).map((): ManualAction => {
    return { kind: 'cancel-on-manual-listing', manual, tickets: random.integer(1, 3) }
  })
  const detached: ManualAction[] = random.chance(0.15) ? [{ kind: 'detach-manual-listing', manual }] : []
  const later = [...kept, ...sold, ...cancelled, ...detached]
  return later.map((action) => ({ atMs: random.integer(0, activeMs), ...action }))
}
