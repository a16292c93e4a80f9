import type { ChannelName } from './channel.js'
import { reasonOf } from './rebalance-reason.js'
import { stocksOf, type Stock } from './rebalance-stock.js'
import { DEFAULT_SETTINGS, type EventView, type Move, type PolicySettings } from './rebalance-view.js'

const HOUR = 3_600_000
const MAX_COOL_DOWN_MS = HOUR

/**
 * Which units should change place so that all channels sell out at the same time: free ones first, then from the slow
 * to the fast. Never plans a cap below what is sold and pending or below the smallest the platform takes, never touches
 * a closed or unsettled channel, and never gives out more than is there. The same view always gives the same moves.
 *
 * The caller carries a move out by shrinking the donor, waiting for the confirmation, and growing the receiver; it may
 * put what was released among the unallocated and plan again.
 */
export function planMoves(view: EventView, settings: PolicySettings = DEFAULT_SETTINGS): Move[] {
  if (isOver(view)) return []
  const { stocks, incoming } = stocksOf(view, settings)
  const moves = giveFree(Math.max(0, Math.floor(view.unallocated)), stocks, settings)
  reckonWith(incoming, stocks)
  const coolDownMs = coolDownOf(view, settings)
  for (const receiver of bySellout(stocks)) {
    for (const donor of bySellout(stocks).toReversed()) {
      const quantity = worthMoving(donor, receiver, coolDownMs, settings)
      if (quantity === 0) continue
      moves.push({ from: donor.channel, to: receiver.channel, quantity, reason: reasonOf(donor, receiver, quantity) })
      donor.left -= quantity
      donor.gives -= quantity
      receiver.left += quantity
    }
  }
  return moves
}

/**
 * Channels whose sales are worth reading at once: another one could run dry before a move reaches it, these seem to have
 * units to spare, and how they have been selling is not known up to now.
 */
export function donorsToRead(view: EventView, settings: PolicySettings = DEFAULT_SETTINGS): ChannelName[] {
  if (isOver(view)) return []
  const { stocks } = stocksOf(view, settings)
  const needy = stocks.filter((stock) => stock.urgent && missing(stock) > 0)
  return stocks
    .filter((donor) => donor.left > 1 && needy.some((receiver) => receiver !== donor))
    .filter(({ readMsAgo }) => readMsAgo === null || readMsAgo >= settings.staleReadMs)
    .map(({ channel }) => channel)
}

function isOver({ soldAndHeld, softCapThreshold, hoursToStart }: EventView): boolean {
  return soldAndHeld >= softCapThreshold || hoursToStart <= 0
}

/** Soonest sold out first; of channels without sales the emptiest. */
function bySellout(stocks: readonly Stock[]): Stock[] {
  return stocks.toSorted((a, b) => hoursLeft(a) - hoursLeft(b) || a.left - b.left)
}

function hoursLeft({ left, expected, velocity }: Stock): number {
  return velocity > 0 ? (left + expected) / velocity : Number.MAX_VALUE
}

function missing({ target, left, expected }: Stock): number {
  return Math.max(0, target - left - expected)
}

function giveFree(free: number, stocks: readonly Stock[], settings: PolicySettings): Move[] {
  const moves: Move[] = []
  for (const receiver of bySellout(stocks)) {
    const quantity = Math.min(free, missing(receiver))
    if (quantity === 0 || !affordable(quantity, receiver, [receiver], settings)) continue
    moves.push({ from: 'UNALLOCATED', to: receiver.channel, quantity, reason: reasonOf(null, receiver, quantity) })
    free -= quantity
    receiver.left += quantity
  }
  return moves
}

/** Nobody else has to give what a shrink in flight is about to release. */
function reckonWith(incoming: number, stocks: readonly Stock[]): void {
  for (const receiver of bySellout(stocks)) {
    const part = Math.min(incoming, missing(receiver))
    receiver.expected += part
    incoming -= part
  }
}

/** How many units should go from one to the other; 0: none. */
function worthMoving(donor: Stock, receiver: Stock, coolDownMs: number, settings: PolicySettings): number {
  const spare = donor.left - Math.max(donor.target, donor.stays)
  // From one that will sell out sooner it takes no more than its own next buyers need.
  const wanted = hoursLeft(donor) > hoursLeft(receiver) ? missing(receiver) : receiver.floor - receiver.left
  const gain = Math.min(wanted, missing(receiver), spare, receiver.sellable - receiver.left)
  if (gain < leastGain(receiver, settings)) return 0
  const calm = rescues(donor, receiver) ? Math.min(coolDownMs, settings.urgentCoolDownMs) : coolDownMs
  if (within(donor.gotMsAgo, donor.waitlistPromotes ? 2 * calm : calm)) return 0
  if (within(receiver.gaveMsAgo, calm)) return 0
  const quantity = Math.min(gain, donor.gives)
  if (quantity < 1) return 0
  return affordable(quantity, receiver, [donor, receiver], settings) ? quantity : 0
}

/** Less than that is not worth the calls. */
function leastGain({ urgent, target }: Stock, { minGainShare }: PolicySettings): number {
  return urgent ? 1 : Math.max(2, Math.ceil(target * minGainShare))
}

/** One is about to run dry while the other lasts far longer: waiting then costs sales, a change of mind only calls. */
function rescues(donor: Stock, receiver: Stock): boolean {
  return receiver.urgent && hoursLeft(donor) > 2 * hoursLeft(receiver)
}

function within(msAgo: number | null, ms: number): boolean {
  return msAgo !== null && msAgo < ms
}

function affordable(quantity: number, { urgent }: Stock, written: Stock[], settings: PolicySettings): boolean {
  const wait = Math.max(...written.map(({ writableInMs }) => writableInMs))
  if (wait > settings.patienceMs) return false
  return wait <= 0 || urgent || quantity >= settings.scarceQuantity
}

/** Long enough for news to arrive on which a change of mind could rest. */
function coolDownOf({ channels }: EventView, { coolDownMs, coolDownSales }: PolicySettings): number {
  const total = channels.reduce((sum, { velocityPerHour }) => sum + velocityPerHour, 0)
  const forSales = total > 0 ? (coolDownSales / total) * HOUR : MAX_COOL_DOWN_MS
  return Math.max(coolDownMs, Math.min(forSales, MAX_COOL_DOWN_MS))
}
