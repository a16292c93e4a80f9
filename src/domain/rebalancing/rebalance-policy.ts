import { reasonOf } from './rebalance-reason.js'
import { stocksOf, type ChannelStock } from './rebalance-stock.js'
import { setTargets } from './rebalance-targets.js'
import { LARGEST_PARTY } from './ticket-demand.js'
import { DEFAULT_SETTINGS, UNALLOCATED, type EventView, type Move, type PolicySettings } from './rebalance-view.js'

/**
 * Plans moves of units: each channel gets what it needs until its next correction, and the rest stays unallocated as a
 * reserve, since raising a cap is one write and lowering it is slow and can be refused. Channels donate only once the
 * reserve is empty, after they were read since they opened, and never what they are likely to sell before a correction.
 * Never plans a cap below sold plus pending, below the platform's minimum or above the organizer's limit, never changes a
 * closed or unconfirmed channel, and never assigns more units than exist. Deterministic: the same view always results in
 * the same moves.
 *
 * The caller executes a move by shrinking the donor, waiting for the confirmation, and growing the receiver; it may add
 * the released units to the unallocated ones and plan again.
 */
export function planMoves(view: EventView, settings: PolicySettings = DEFAULT_SETTINGS): Move[] {
  if (isFinished(view)) return []
  const { stocks, incoming, free } = targetsOf(view, settings)
  const moves = refill(free, stocks, settings)
  const reserved = free - moves.reduce((sum, { quantity }) => sum + quantity, 0)
  return [...moves, ...donations(reserved + incoming, stocks, settings)]
}

/**
 * Ids of channels whose sales should be read now: the reserve is empty, another channel could not serve a party, these have
 * units, and their recent sales are unknown. Unless they are read, time without sales there would not count.
 */
export function donorsToRead(view: EventView, settings: PolicySettings = DEFAULT_SETTINGS): string[] {
  if (isFinished(view)) return []
  const { stocks, incoming, free } = targetsOf(view, settings)
  const refilled = refill(free, stocks, settings).reduce((sum, { quantity }) => sum + quantity, 0)
  if (free > refilled) return []
  const urgent = stocks.filter(isLow)
  const lacking = urgent.reduce((sum, stock) => sum + stock.target - stock.left, 0)
  const short = stocks.filter((stock) => isLow(stock) || stock.left < Math.min(LARGEST_PARTY, stock.maxLeft))
  const staleMs = lacking > incoming ? settings.staleReadMs : settings.idleReadMs
  return stocks
    .filter((donor) => donor.left > donor.minLeft && short.some((other) => other !== donor))
    .map(({ channel }) => channel)
    .filter(({ msSinceRead }) => msSinceRead === null || msSinceRead >= staleMs)
    .map(({ id }) => id)
}

function isFinished({ soldAndHeld, softCapThreshold, hoursToStart }: EventView): boolean {
  return soldAndHeld >= softCapThreshold || hoursToStart <= 0
}

function targetsOf(view: EventView, settings: PolicySettings) {
  const { stocks, incoming } = stocksOf(view, settings)
  const free = Math.max(0, Math.floor(view.unallocated))
  setTargets(
    stocks,
    stocks.reduce((sum, { left }) => sum + left, free),
    settings,
  )
  return { stocks, incoming, free }
}

/** Sorted by time to sell-out; channels without sales by units left. */
function bySellout(stocks: readonly ChannelStock[]): ChannelStock[] {
  return stocks.toSorted((a, b) => hoursLeft(a) - hoursLeft(b) || a.left - b.left)
}

function hoursLeft({ left, channel }: ChannelStock): number {
  return channel.velocityPerHour > 0 ? left / channel.velocityPerHour : Number.MAX_VALUE
}

function isLow({ left, low, target }: ChannelStock): boolean {
  return left < low && left < target
}

/** Moves from the reserve. A refill is as large as possible: each costs a write. */
function refill(free: number, stocks: readonly ChannelStock[], settings: PolicySettings): Move[] {
  const moves: Move[] = []
  for (const receiver of bySellout(stocks).filter(isLow)) {
    const quantity = Math.min(free, receiver.target - receiver.left)
    if (quantity === 0 || !isAffordable(quantity, receiver, [receiver], settings)) continue
    const reason = reasonOf(null, sideOf(receiver), quantity)
    moves.push({ from: UNALLOCATED, to: receiver.channel.id, quantity, reason })
    free -= quantity
    receiver.left += quantity
  }
  return moves
}

/** Moves between channels. `coming`: units that are free or will be released, which no donor has to supply. */
function donations(coming: number, stocks: readonly ChannelStock[], settings: PolicySettings): Move[] {
  const moves: Move[] = []
  for (const receiver of bySellout(stocks).filter(isLow)) {
    let missing = receiver.target - receiver.left
    const covered = Math.min(coming, missing)
    coming -= covered
    missing -= covered
    for (const donor of bySellout(stocks).toReversed()) {
      if (donor === receiver) continue
      const quantity = transferQuantity(donor, receiver, missing, settings)
      if (quantity === 0) continue
      const reason = reasonOf(sideOf(donor), sideOf(receiver), quantity)
      moves.push({ from: donor.channel.id, to: receiver.channel.id, quantity, reason })
      donor.left -= quantity
      receiver.left += quantity
      missing -= quantity
    }
  }
  return moves
}

/** Units to move from donor to receiver; 0: none. */
function transferQuantity(
  donor: ChannelStock,
  receiver: ChannelStock,
  missing: number,
  settings: PolicySettings,
): number {
  const quantity = Math.min(missing, donor.left - Math.max(donor.target, donor.needed, donor.minLeft))
  if (quantity < 1 || !donor.read) return 0
  const coolDownMs = donor.channel.waitlistPromotes ? 2 * settings.coolDownMs : settings.coolDownMs
  if (isWithin(donor.channel.msSinceReceived, coolDownMs)) return 0
  if (isWithin(receiver.channel.msSinceDonated, settings.coolDownMs)) return 0
  return isAffordable(quantity, receiver, [donor, receiver], settings) ? quantity : 0
}

function isWithin(elapsedMs: number | null, ms: number): boolean {
  return elapsedMs !== null && elapsedMs < ms
}

/** With an exhausted budget, a small move waits for more to be missing, unless the receiver could sell out first. */
function isAffordable(
  quantity: number,
  receiver: ChannelStock,
  written: ChannelStock[],
  settings: PolicySettings,
): boolean {
  const waitMs = Math.max(...written.map(({ channel }) => channel.writableInMs))
  if (waitMs > settings.maxBudgetWaitMs) return false
  return waitMs <= 0 || receiver.left <= receiver.needed || quantity >= settings.scarceQuantity
}

function sideOf({ channel, left }: ChannelStock) {
  return { platform: channel.platform, velocity: channel.velocityPerHour, left }
}
