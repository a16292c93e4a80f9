import { splitPool } from '../stock/allocation.js'
import type { ChannelStock } from './rebalance-stock.js'
import type { PolicySettings } from './rebalance-view.js'
import { demandTail, valueOfMore } from './ticket-demand.js'

const HOUR = 3_600_000

/**
 * Sets how many of the `pool` units each channel should have left. Where the pool suffices, each gets what it needs until
 * its next correction and a share of the rest; the remainder is the reserve. Otherwise each unit goes where it is most
 * likely to be sold next, and nothing is reserved.
 */
export function setTargets(stocks: readonly ChannelStock[], pool: number, settings: PolicySettings): void {
  const needed = stocks.reduce((sum, { high }) => sum + high, 0)
  if (needed <= pool) setAmpleTargets(stocks, pool - needed, settings)
  else setScarceTargets(stocks, pool, settings)
}

/** By demand; by the organizer's weights until the first sale. */
function weightOf({ channel }: ChannelStock, selling: boolean): number {
  return selling ? channel.velocityPerHour : channel.weight
}

function isSelling(stocks: readonly ChannelStock[]): boolean {
  return stocks.some(({ channel }) => channel.velocityPerHour > 0)
}

function setAmpleTargets(stocks: readonly ChannelStock[], spare: number, { handOutShare }: PolicySettings): void {
  const selling = isSelling(stocks)
  const claims = stocks.map((stock) => ({ key: stock.channel.id, weight: weightOf(stock, selling), floor: 0 }))
  const shares = splitPool(Math.floor(spare * handOutShare), claims)
  for (const stock of stocks) {
    stock.target = Math.max(stock.minLeft, Math.min(stock.maxLeft, stock.high + (shares.get(stock.channel.id) ?? 0)))
  }
}

/** A channel without units gets one where there are enough: otherwise its demand could not be seen. */
function setScarceTargets(stocks: readonly ChannelStock[], pool: number, settings: PolicySettings): void {
  const observed = pool >= 2 * stocks.length ? 1 : 0
  for (const stock of stocks) stock.target = Math.max(stock.minLeft, Math.min(observed, stock.maxLeft))
  const tails = new Map(stocks.map((stock) => [stock, tailOf(stock, stocks, pool, settings)]))
  const selling = isSelling(stocks)
  const weightFirst = stocks.toSorted((a, b) => weightOf(b, selling) - weightOf(a, selling))
  for (let rest = pool - stocks.reduce((sum, { target }) => sum + target, 0); rest > 0; rest--) {
    const open = weightFirst.filter(({ target, maxLeft }) => target < maxLeft)
    const value = (stock: ChannelStock) => valueOfNext(stock, tails.get(stock) ?? new Float64Array(1), settings)
    const [first, ...others] = open
    if (!first) break
    others.reduce((best, other) => (value(other) > value(best) ? other : best), first).target += 1
  }
  for (const stock of stocks) stock.low = Math.min(stock.low, stock.target)
}

/**
 * A unit counts more where the last move has brought units: between rates that are nearly equal, that move would be undone
 * as soon as one of them is estimated again.
 */
function valueOfNext({ target, left, channel }: ChannelStock, tail: Float64Array, settings: PolicySettings): number {
  const { msSinceReceived, msSinceDonated } = channel
  const received = msSinceReceived !== null && msSinceReceived < (msSinceDonated ?? Infinity)
  return valueOfMore(target, tail) * (received && target < left ? settings.keepFactor : 1)
}

/** Demand until the units could be moved again, or until all of them are sold, whichever is sooner. */
function tailOf(
  stock: ChannelStock,
  stocks: readonly ChannelStock[],
  pool: number,
  { scarceHorizonShare }: PolicySettings,
): Float64Array {
  const selling = isSelling(stocks)
  const perHour = weightOf(stock, selling)
  const total = stocks.reduce((sum, other) => sum + weightOf(other, selling), 0)
  const untilSold = total > 0 ? pool / total : 0
  const longestMs = Math.max(...stocks.map(({ channel }) => (channel.donates ? channel.correctionMs : 0)))
  const untilMoved = selling ? (scarceHorizonShare * longestMs) / HOUR : Infinity
  return demandTail({ perHour, evidence: stock.channel.evidence }, Math.min(untilSold, untilMoved))
}
