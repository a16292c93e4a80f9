import type { Action } from './actions.js'
import type { Shape } from './shape.js'

/** Enough for a listing to be full. */
const RUSH_MS = 12_000

/**
 * What happens at a limit: carts are open and others buy while a listing is closed, carts are paid and orders cancelled
 * in the meantime, and the listing is opened and closed again within seconds.
 */
export function rushesOf(shape: Shape): Action[] {
  const { random, listings, activeMs } = shape
  return random.chance(0.4)
    ? rushOn(shape, random.integer(0, listings.length - 1), random.integer(0, activeMs / 2))
    : []
}

function rushOn({ random, listings, activeMs }: Shape, listing: number, atMs: number): Action[] {
  const within = (fromMs: number, toMs: number) => Math.min(activeMs, atMs + random.integer(fromMs, toMs))
  const times = (count: number, action: () => Action) => Array.from({ length: count }, action)
  const carts = random.integer(2, 6)
  const closed = { kind: 'pause-channel', listing } as const
  const opened = { kind: 'resume-channel', listing } as const
  const platform = listings[listing]?.platform ?? 'EVENTBRITE'
  const lost = { kind: 'platform-faults', platform, forMs: 2 * RUSH_MS, knobs: { webhookLoss: 0.6 } } as const
  return [
    ...(random.chance(0.5) ? [{ atMs, ...lost }] : []),
    ...times(carts, () => ({ atMs: within(0, 2_000), kind: 'open-cart', listing, tickets: random.integer(1, 3) })),
    ...times(random.integer(2, 8), () => ({ atMs: within(0, RUSH_MS), kind: 'buy', listing, tickets: 1 })),
    { atMs: within(2_000, 3_000), ...closed },
    ...times(carts, () => ({ atMs: within(4_000, 9_000), kind: 'complete-cart', listing })),
    ...times(random.integer(1, 4), () => ({
      atMs: within(3_000, RUSH_MS),
      kind: 'cancel-order',
      listing,
      order: random.next(),
    })),
    { atMs: within(RUSH_MS, RUSH_MS + 2_000), ...opened },
    ...(random.chance(0.7) ? [{ atMs: within(RUSH_MS + 2_000, RUSH_MS + 8_000), ...closed }] : []),
    ...(random.chance(0.7) ? [{ atMs: within(RUSH_MS + 8_000, activeMs), ...opened }] : []),
  ]
}
