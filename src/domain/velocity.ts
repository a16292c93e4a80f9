import type { ChannelName } from './channel.js'

const HOUR = 3_600_000
/** How far back a layer looks: the age, in ms, at which a sale counts half. From a rush to a sale over weeks. */
const HALF_LIVES = [60_000, 300_000, 1_500_000, 2 * HOUR, 12 * HOUR, 72 * HOUR, 336 * HOUR] as const
/** A layer that has seen this many tickets tells enough; the next longer one would only be slower to notice a change. */
const ENOUGH_SOLD = 16
/** Sales that come at once are counted as spread over this time. */
const SHORTEST_HOURS = 10_000 / HOUR
/** How many tickets' worth of belief each channel starts with that it sells like the average one. */
const PRIOR_SOLD = 0.5

interface Layer {
  /** Tickets sold, faded. */
  sold: number
  /** Hours in which the channel had something to sell, faded alike. */
  hours: number
}

/**
 * What is remembered of a channel's sales. Only time with something to sell counts: a channel that ran dry keeps the
 * velocity it had, since nobody could buy there.
 */
export interface VelocityState {
  /** ms since the epoch. */
  at: number
  sells: boolean
  layers: readonly Layer[]
}

export function openedAt(at: number, sells = true): VelocityState {
  return { at, sells, layers: HALF_LIVES.map(() => ({ sold: 0, hours: 0 })) }
}

/**
 * The state after `delta` more tickets sold at `at` (ms); `sells`: whether there is something left to sell from then
 * on. A cancellation (delta below 0) changes nothing: the demand was there. News may come late: it counts by its age.
 */
export function observed(
  state: VelocityState,
  { at, delta = 0, sells }: { at: number; delta?: number; sells?: boolean },
): VelocityState {
  const now = Math.max(at, state.at)
  const age = now - at
  const layers = fadedTo(state, now).map(({ sold, hours }, index) => ({
    sold: sold + Math.max(0, delta) * fading(age, index),
    hours,
  }))
  return { at: now, sells: sells ?? state.sells, layers }
}

/** The state of a channel that is rebuilt from its order rows; on sale `since` (ms), or since its first sale. */
export function fromHistory(
  sales: readonly { at: number; delta: number }[],
  now: number,
  since: number = sales.reduce((first, { at }) => Math.min(first, at), now),
): VelocityState {
  const ordered = sales.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
  const state = ordered.reduce((before, sale) => observed(before, sale), openedAt(since))
  return observed(state, { at: now })
}

/** Tickets per hour of one channel on its own; 0 before the first sale. */
export function perHour(state: VelocityState, now: number): number {
  const layers = fadedTo(state, now)
  const seen = layers.find(({ sold }) => sold >= ENOUGH_SOLD) ?? layers.at(-1)
  return seen ? rate(seen) : 0
}

/**
 * Tickets per hour of the channels of one event, comparable with each other: all are looked at over the same time, the
 * shortest in which the event sold enough to tell. A channel without sales is never quite 0 once another one sells.
 */
export function velocities(
  states: ReadonlyMap<ChannelName, VelocityState>,
  now: number,
): ReadonlyMap<ChannelName, number> {
  const layers = [...states].map(([channel, state]) => ({ channel, layers: fadedTo(state, now) }))
  const soldIn = (index: number) => layers.reduce((sum, { layers }) => sum + (layers[index]?.sold ?? 0), 0)
  const enough = HALF_LIVES.findIndex((_, index) => soldIn(index) >= ENOUGH_SOLD)
  const index = enough < 0 ? HALF_LIVES.length - 1 : enough
  const seen = layers.map(({ channel, layers }) => ({ channel, layer: layers[index] ?? { sold: 0, hours: 0 } }))
  const average = seen.reduce((sum, { layer }) => sum + rate(layer), 0) / Math.max(1, seen.length)
  return new Map(seen.map(({ channel, layer }) => [channel, towards(average, layer)]))
}

function towards(average: number, { sold, hours }: Layer): number {
  if (average === 0) return 0
  return (sold + PRIOR_SOLD) / (Math.max(hours, SHORTEST_HOURS) + PRIOR_SOLD / average)
}

function rate({ sold, hours }: Layer): number {
  return sold / Math.max(hours, SHORTEST_HOURS)
}

function fadedTo({ at, sells, layers }: VelocityState, now: number): readonly Layer[] {
  const passed = now - at
  if (passed <= 0) return layers
  return layers.map(({ sold, hours }, index) => {
    const kept = fading(passed, index)
    const gained = sells ? ((HALF_LIVES[index] ?? HOUR) / HOUR / Math.LN2) * (1 - kept) : 0
    return { sold: sold * kept, hours: hours * kept + gained }
  })
}

function fading(age: number, index: number): number {
  return 2 ** (-age / (HALF_LIVES[index] ?? HOUR))
}
