import type { ChannelName } from './channel.js'
import { decayed, type DecayingSum } from './decaying-sum.js'

const HOUR = 3_600_000
/** A layer that has seen this many tickets tells enough; the next longer one would only be slower to notice a change. */
const ENOUGH_SOLD = 16
/** Sales that come at once are counted as spread over this time. */
const MIN_HOURS = 10_000 / HOUR
/** Tickets' worth of evidence in the prior: that a channel sells in proportion to the organizer's weight. */
const PRIOR_TICKETS = 6
/** Tickets' worth of evidence that a shorter look back inherits from the next longer one. */
const INHERITED_TICKETS = 2
/** One-sided 95 %. */
const Z = 1.645

/** What is on record of a channel's sales. Time counts only while it was on sale and has been read. */
export interface SalesRecord {
  /** Tickets sold, each at the instant of its sale. */
  sold: DecayingSum
  /** Hours on sale that a read or a delivery has covered: unread time is not dead time. */
  hours: DecayingSum
  /** The organizer's weight. */
  weight: number
}

/** The demand at one channel: a Gamma distribution of its rate. */
export interface Demand {
  /** Mean, tickets per hour. */
  perHour: number
  /** Tickets' worth of evidence behind it (the shape). */
  evidence: number
}

/** Tickets per hour of one channel on its own; 0 before the first sale. */
export function perHour({ sold, hours }: SalesRecord, now: number): number {
  const [soldLayers, hourLayers] = [decayed(sold, now), decayed(hours, now)]
  const enough = soldLayers.findIndex((tickets) => tickets >= ENOUGH_SOLD)
  const index = enough < 0 ? soldLayers.length - 1 : enough
  return rate({ sold: soldLayers[index] ?? 0, hours: hourLayers[index] ?? 0 })
}

/**
 * The demand at the channels of one event, comparable with each other: all are looked at over the same time, the
 * shortest in which the event sold enough to tell. Before there is evidence a channel sells by the organizer's weight;
 * the longest look back corrects that, and each shorter one corrects the one before. All 0 before the first sale.
 */
export function demands(records: ReadonlyMap<ChannelName, SalesRecord>, now: number): Map<ChannelName, Demand> {
  const channels = [...records].map(([channel, { sold, hours, weight }]) => {
    return { channel, weight, sold: decayed(sold, now), hours: decayed(hours, now) }
  })
  const layer = (index: number) =>
    channels.map(({ sold, hours, weight }) => ({ sold: sold[index] ?? 0, hours: hours[index] ?? 0, weight }))
  const longest = Math.max(0, (channels[0]?.sold.length ?? 0) - 1)
  const enough = channels[0]?.sold.findIndex((_, index) => total(layer(index)) >= ENOUGH_SOLD) ?? -1
  let demand = corrected(priors(layer(longest)), layer(longest), PRIOR_TICKETS)
  for (let index = longest - 1; enough >= 0 && index >= enough; index--) {
    demand = corrected(
      demand.map(({ perHour }) => perHour),
      layer(index),
      INHERITED_TICKETS,
    )
  }
  return new Map(channels.map(({ channel }, index) => [channel, demand[index] ?? { perHour: 0, evidence: 0 }]))
}

/** Tickets that a channel sells within `hours` at most, in 19 of 20 cases. */
export function demandUpperBound({ perHour, evidence }: Demand, hours: number): number {
  const mean = perHour * hours
  if (mean <= 0) return 0
  return Math.round(mean + Z * Math.sqrt(mean + mean ** 2 / Math.max(1, evidence)))
}

interface Layer {
  sold: number
  hours: number
  weight: number
}

function total(layers: readonly Layer[]): number {
  return layers.reduce((sum, { sold }) => sum + sold, 0)
}

/** What the whole event sells in an observed hour, by weight. */
function priors(layers: readonly Layer[]): number[] {
  const hours = layers.reduce((sum, layer) => sum + layer.weight * hoursOf(layer), 0)
  const perWeight = hours > 0 ? total(layers) / hours : 0
  return layers.map(({ weight }) => perWeight * weight)
}

function corrected(means: readonly number[], layers: readonly Layer[], tickets: number): Demand[] {
  return layers.map((layer, index) => {
    const mean = means[index] ?? 0
    if (mean <= 0) return { perHour: rate(layer), evidence: layer.sold }
    return { perHour: (layer.sold + tickets) / (hoursOf(layer) + tickets / mean), evidence: layer.sold + tickets }
  })
}

function rate(layer: Pick<Layer, 'sold' | 'hours'>): number {
  return layer.sold > 0 ? layer.sold / hoursOf(layer) : 0
}

function hoursOf({ sold, hours }: Pick<Layer, 'sold' | 'hours'>): number {
  return sold > 0 ? Math.max(hours, MIN_HOURS) : hours
}
