import { reasonOf } from './rebalance-reason.js'
import { stocksOf, type ChannelStock } from './rebalance-stock.js'
import { DEFAULT_SETTINGS, UNALLOCATED, type EventView, type Move, type PolicySettings } from './rebalance-view.js'

const HOUR = 3_600_000
const MAX_COOL_DOWN_MS = HOUR

/**
 * Plans moves of units so that all channels sell out at the same time: free units first, then from slow to fast channels.
 * Never plans a cap below sold plus pending or below the platform's minimum, never changes a closed or unconfirmed
 * channel, and never assigns more units than exist. Deterministic: the same view always results in the same moves.
 *
 * The caller executes a move by shrinking the donor, waiting for the confirmation, and growing the receiver; it may add
 * the released units to the unallocated ones and plan again.
 */
export function planMoves(view: EventView, settings: PolicySettings = DEFAULT_SETTINGS): Move[] {
  if (isFinished(view)) return []
  const { stocks, incoming } = stocksOf(view, settings)
  const moves = assignFreeUnits(Math.max(0, Math.floor(view.unallocated)), stocks, settings)
  reserveIncoming(incoming, stocks)
  const coolDownMs = coolDownOf(view, settings)
  for (const receiver of bySellout(stocks)) {
    for (const donor of bySellout(stocks).toReversed()) {
      const quantity = transferQuantity(donor, receiver, coolDownMs, settings)
      if (quantity === 0) continue
      moves.push({ from: donor.id, to: receiver.id, quantity, reason: reasonOf(donor, receiver, quantity) })
      donor.left -= quantity
      donor.maxDonation -= quantity
      receiver.left += quantity
    }
  }
  return moves
}

/**
 * Ids of channels whose sales should be read now: another channel could sell out before a move takes effect, these appear to
 * have spare units, and their recent sales are unknown.
 */
export function donorsToRead(view: EventView, settings: PolicySettings = DEFAULT_SETTINGS): string[] {
  if (isFinished(view)) return []
  const { stocks } = stocksOf(view, settings)
  const urgentReceivers = stocks.filter((stock) => stock.urgent && missing(stock) > 0)
  return stocks
    .filter((donor) => donor.left > 1 && urgentReceivers.some((receiver) => receiver !== donor))
    .filter(({ msSinceRead }) => msSinceRead === null || msSinceRead >= settings.staleReadMs)
    .map(({ id }) => id)
}

function isFinished({ soldAndHeld, softCapThreshold, hoursToStart }: EventView): boolean {
  return soldAndHeld >= softCapThreshold || hoursToStart <= 0
}

/** Sorted by time to sell-out; channels without sales by units left. */
function bySellout(stocks: readonly ChannelStock[]): ChannelStock[] {
  return stocks.toSorted((a, b) => hoursLeft(a) - hoursLeft(b) || a.left - b.left)
}

function hoursLeft({ left, incoming, velocity }: ChannelStock): number {
  return velocity > 0 ? (left + incoming) / velocity : Number.MAX_VALUE
}

function missing({ target, left, incoming }: ChannelStock): number {
  return Math.max(0, target - left - incoming)
}

function assignFreeUnits(free: number, stocks: readonly ChannelStock[], settings: PolicySettings): Move[] {
  const moves: Move[] = []
  for (const receiver of bySellout(stocks)) {
    const quantity = Math.min(free, missing(receiver))
    if (quantity === 0 || !isAffordable(quantity, receiver, [receiver], settings)) continue
    moves.push({ from: UNALLOCATED, to: receiver.id, quantity, reason: reasonOf(null, receiver, quantity) })
    free -= quantity
    receiver.left += quantity
  }
  return moves
}

/** Reserves units of shrinks in flight for receivers, so that no other donor has to supply them. */
function reserveIncoming(incoming: number, stocks: readonly ChannelStock[]): void {
  for (const receiver of bySellout(stocks)) {
    const part = Math.min(incoming, missing(receiver))
    receiver.incoming += part
    incoming -= part
  }
}

/** Units to move from donor to receiver; 0: none. */
function transferQuantity(
  donor: ChannelStock,
  receiver: ChannelStock,
  coolDownMs: number,
  settings: PolicySettings,
): number {
  const spare = donor.left - Math.max(donor.target, donor.retained)
  // From a donor that sells out sooner, a receiver gets no more than its own floor.
  const needed = hoursLeft(donor) > hoursLeft(receiver) ? missing(receiver) : receiver.floor - receiver.left
  const gain = Math.min(needed, missing(receiver), spare, receiver.sellable - receiver.left)
  if (gain < minGain(receiver, settings)) return 0
  const coolDown = isRescue(donor, receiver) ? Math.min(coolDownMs, settings.urgentCoolDownMs) : coolDownMs
  if (isWithin(donor.msSinceReceived, donor.waitlistPromotes ? 2 * coolDown : coolDown)) return 0
  if (isWithin(receiver.msSinceDonated, coolDown)) return 0
  const quantity = Math.min(gain, donor.maxDonation)
  if (quantity < 1) return 0
  return isAffordable(quantity, receiver, [donor, receiver], settings) ? quantity : 0
}

/** Smaller moves do not justify the API calls. */
function minGain({ urgent, target }: ChannelStock, { minGainShare }: PolicySettings): number {
  return urgent ? 1 : Math.max(2, Math.ceil(target * minGainShare))
}

/** The receiver is about to sell out and the donor lasts far longer: waiting costs sales, moving back only costs calls. */
function isRescue(donor: ChannelStock, receiver: ChannelStock): boolean {
  return receiver.urgent && hoursLeft(donor) > 2 * hoursLeft(receiver)
}

function isWithin(elapsedMs: number | null, ms: number): boolean {
  return elapsedMs !== null && elapsedMs < ms
}

function isAffordable(
  quantity: number,
  { urgent }: ChannelStock,
  written: ChannelStock[],
  settings: PolicySettings,
): boolean {
  const waitMs = Math.max(...written.map(({ writableInMs }) => writableInMs))
  if (waitMs > settings.maxBudgetWaitMs) return false
  return waitMs <= 0 || urgent || quantity >= settings.scarceQuantity
}

/** Long enough for new sales data to arrive before a move can be reversed. */
function coolDownOf({ channels }: EventView, { coolDownMs, coolDownSales }: PolicySettings): number {
  const total = channels.reduce((sum, { velocityPerHour }) => sum + velocityPerHour, 0)
  const forSales = total > 0 ? (coolDownSales / total) * HOUR : MAX_COOL_DOWN_MS
  return Math.max(coolDownMs, Math.min(forSales, MAX_COOL_DOWN_MS))
}
