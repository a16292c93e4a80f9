import type { Action, OperatorAction } from './actions.js'
import type { Shape } from './shape.js'

/** Longer than a closing may take. */
const LONG_MS = 160_000

/** A few interventions by operators, each likely to be undone later. */
export function operatorsOf({ random, events, listings, activeMs }: Shape): Action[] {
  const actions: Action[] = []
  const at = () => random.integer(0, activeMs)
  const pair = (first: OperatorAction, second: OperatorAction) => {
    const atMs = at()
    actions.push({ atMs, ...first })
    if (random.chance(0.8)) actions.push({ atMs: random.integer(atMs, activeMs), ...second })
  }
  const listing = () => random.integer(0, listings.length - 1)
  const event = () => random.integer(0, events.length - 1)
  if (random.chance(0.25))
    actions.push({ atMs: at(), kind: 'set-platform-cap', listing: listing(), change: random.integer(-10, 10) })
  if (random.chance(0.2)) {
    const paused = listing()
    pair({ kind: 'pause-channel', listing: paused }, { kind: 'resume-channel', listing: paused })
  }
  if (random.chance(0.15)) {
    const paused = event()
    pair({ kind: 'pause-event', event: paused }, { kind: 'resume-event', event: paused })
  }
  if (random.chance(0.2)) actions.push({ atMs: at(), kind: 'reopen-event', event: event() })
  if (random.chance(0.25)) {
    const changed = event()
    const capacity = events[changed]?.capacity ?? 1
    const to = Math.max(1, Math.round(capacity * (0.6 + 0.8 * random.next())))
    actions.push({ atMs: at(), kind: 'change-capacity', event: changed, to })
  }
  if (random.chance(0.1)) pair({ kind: 'force-fail-safe' }, { kind: 'release-fail-safe' })
  if (random.chance(0.15)) actions.push({ atMs: at(), kind: 'reconcile' })
  return actions
}

/** A fail-safe mode that lasts until the calm: long enough that every listing must have been closed. */
export function longFailSafeOf({ random, activeMs }: Shape): Action[] {
  if (activeMs < LONG_MS || !random.chance(0.15)) return []
  return [{ atMs: random.integer(0, activeMs - LONG_MS), kind: 'force-fail-safe' }]
}
