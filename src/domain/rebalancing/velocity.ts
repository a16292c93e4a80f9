import { decayed, type DecayingSum } from './decaying-sum.js'

const HOUR = 3_600_000
/** A layer with this many tickets is significant; the next longer one would only be slower to show a change. */
const SIGNIFICANT_TICKETS = 16
/** Simultaneous sales are treated as spread over this time. */
const MIN_HOURS = 10_000 / HOUR
/** Weight of the prior, in tickets: a channel sells in proportion to the organizer's weight. */
const PRIOR_TICKETS = 6
/** Weight, in tickets, that a shorter time window inherits from the next longer one. */
const INHERITED_TICKETS = 2
/** One-sided 95 %. */
const Z = 1.645

/** Recorded sales of a channel. Time counts only while it was on sale and has been read. */
export interface SalesRecord {
  /** Tickets sold, each as of its time of sale. */
  sold: DecayingSum
  /** Hours on sale covered by a read or a webhook delivery: unread time does not count as time without sales. */
  hours: DecayingSum
  /** The organizer's weight. */
  weight: number
}

/** Demand of one channel: a Gamma distribution of its sales rate. */
export interface Demand {
  /** Mean, tickets per hour. */
  perHour: number
  /** Evidence in tickets (the shape parameter). */
  evidence: number
}

/** Tickets per hour of one channel, independent of the others; 0 before the first sale. */
export function perHour({ sold, hours }: SalesRecord, now: number): number {
  const [soldLayers, hourLayers] = [decayed(sold, now), decayed(hours, now)]
  const significant = soldLayers.findIndex((tickets) => tickets >= SIGNIFICANT_TICKETS)
  const index = significant < 0 ? soldLayers.length - 1 : significant
  return rate({ sold: soldLayers[index] ?? 0, hours: hourLayers[index] ?? 0 })
}

/**
 * Demand of all channels of one event, by channel id, comparable with each other: all use the same time window, the shortest one with
 * significant sales of the event. The prior is the organizer's weight; the longest window updates it, and each shorter
 * window updates the result of the previous one. All 0 before the first sale.
 */
export function demands(records: ReadonlyMap<string, SalesRecord>, now: number): Map<string, Demand> {
  const channels = [...records].map(([channel, { sold, hours, weight }]) => {
    return { channel, weight, sold: decayed(sold, now), hours: decayed(hours, now) }
  })
  const layer = (index: number) =>
    channels.map(({ sold, hours, weight }) => ({ sold: sold[index] ?? 0, hours: hours[index] ?? 0, weight }))
  const longest = Math.max(0, (channels[0]?.sold.length ?? 0) - 1)
  const significant = channels[0]?.sold.findIndex((_, index) => total(layer(index)) >= SIGNIFICANT_TICKETS) ?? -1
  let demand = updated(priors(layer(longest)), layer(longest), PRIOR_TICKETS)
  for (let index = longest - 1; significant >= 0 && index >= significant; index--) {
    demand = updated(
      demand.map(({ perHour }) => perHour),
      layer(index),
      INHERITED_TICKETS,
    )
  }
  return new Map(channels.map(({ channel }, index) => [channel, demand[index] ?? { perHour: 0, evidence: 0 }]))
}

/** Upper bound of tickets that a channel sells within `hours`, with 95 % confidence. */
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

/** Prior mean per channel: the event's sales per observed hour, split by weight. */
function priors(layers: readonly Layer[]): number[] {
  const hours = layers.reduce((sum, layer) => sum + layer.weight * hoursOf(layer), 0)
  const perWeight = hours > 0 ? total(layers) / hours : 0
  return layers.map(({ weight }) => perWeight * weight)
}

function updated(means: readonly number[], layers: readonly Layer[], tickets: number): Demand[] {
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
