import type { CallContext, ChannelReading, ConfirmedState, Listing, Outcome } from '../../port.js'
import {
  capForSale,
  floorForSale,
  isHalfOpen,
  modeOfTier,
  PAUSE_HOLD_NAME,
  pauseHoldOf,
  readCapacityTier,
  reservedByUs,
  type CapacityTier,
} from './capacity-tier.js'
import type { EventbriteChannel } from './channel.js'
import { decodeResponse, type EventbriteClient, type WithWaypoint } from '../client/client.js'
import { includesState, fetchEventStatus, modeOfEvent } from './event-status.js'
import type { JsonObject } from '../../kit/response-shape.js'
import { afterWrite, ok, rejected } from '../../kit/outcomes.js'
import { hiddenTiers, listTiers, writeShares } from './inventory-tiers.js'
import { lowerCap, mayBeRetried } from './lower-cap.js'
import { readBack } from '../client/outcomes.js'
import { sendingCap } from '../../operation.js'
import { SalesEnds } from '../closing/sales-ends.js'
import { spreadOverTiers } from './tier-shares.js'

type Written = Outcome<WithWaypoint<CapacityTier>>

/**
 * The channel is the whole event: the capacity tier's `capacity_total` is the cap, and its response has all counts. One
 * object per operation.
 */
export class WholeEventChannel implements EventbriteChannel {
  private readonly salesEnds: SalesEnds
  private readonly eventId: string
  /** Requested as soon as a closing is refused, in case that sales have to be ended. */
  private classes: ReturnType<SalesEnds['list']> | null = null
  /** Whether the event has inventory tiers; null: unknown yet. */
  private tiered: boolean | null
  /** Tickets that our hold reserves, as last read: the platform refuses a total without them. */
  private reserved = 0

  constructor(
    private readonly client: EventbriteClient,
    private readonly listing: Listing,
    private readonly now: () => Date,
  ) {
    this.eventId = listing.externalEventId
    this.tiered = Object.keys(listing.typeLimits ?? {}).length > 0 ? true : null
    this.salesEnds = new SalesEnds(client, this.eventId, now)
  }

  /**
   * 1 call; 2 where the tier leaves the mode unclear, where the event's state is requested, and in the bulk lane, which
   * also reads the waitlist. 1 more at import, while neither a cap nor limits are recorded (`typeLimits` null, not
   * absent): then the limits per tier are read, too.
   */
  async read(context: CallContext): Promise<Outcome<ChannelReading>> {
    const asOf = this.now()
    const tier = await this.readTier(context)
    if (tier.kind !== 'OK') return tier
    const typeLimits = await this.limitsAtImport(context)
    if (typeLimits.kind !== 'OK') return typeLimits
    const { sold, pending } = tier.value.value
    const cap = capForSale(tier.value.value)
    const halfOpen = isHalfOpen(tier.value.value)
    const tierMode = halfOpen ? 'UNKNOWN' : modeOfTier(tier.value.value)
    const capSource = cap === null ? 'none' : 'read'
    const limits = { typeLimits: typeLimits.value }
    const reading = { cap, capSource, sold, pending, asOf, ...limits } as const
    if (!includesState(context) && (halfOpen || tierMode !== 'UNKNOWN'))
      return ok({ ...reading, mode: tierMode, waitlistAvailable: null })
    const status = await fetchEventStatus(this.client, this.eventId, context)
    if (status.kind !== 'OK') return status
    const { waitlistAvailable, listingState } = status.value.value
    const mode = halfOpen ? tierMode : modeOfEvent(tierMode, status.value.value)
    return ok({ ...reading, mode, listingState, waitlistAvailable })
  }

  async writeCap(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.confirm(await this.lower(cap, cap, context))
  }

  /**
   * Sets the cap to all tickets taken, starting with `cap` without a read. With nothing taken the cap stays 1, and a
   * hold of ours reserves that ticket. Where neither closes in time, sales are ended.
   */
  async close(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const lowered = await this.lower(cap, 0, context, () => (this.classes ??= this.salesEnds.list(context)))
    if (lowered.kind !== 'OK') return lowered.kind === 'CAP_BELOW_SOLD' ? this.endSales(lowered, context) : lowered
    const tier = lowered.value.value
    if (modeOfTier(tier) === 'WAITLIST_ONLY') return this.confirm(lowered)
    if (tier.cap !== 1 || this.tiered === true) return this.endSales(lowered, context)
    const held = await this.post({ holds: [{ name: PAUSE_HOLD_NAME, quantity_total: 1 }] }, context)
    if (held.kind === 'OK' && modeOfTier(held.value.value) === 'WAITLIST_ONLY') return this.confirm(held)
    return held.kind === 'UNKNOWN' ? held : this.endSales(lowered, context)
  }

  /**
   * Writes the cap first, then undoes our hold and our ends of sales. Classes ended by the organizer stay ended. Where the
   * platform accepts only a larger cap that would put tickets on sale, nothing is undone.
   */
  async open(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    let written = await this.lower(cap, cap, context)
    if (written.kind !== 'OK') return written
    if (wouldSellAbove(cap, written.value.value)) return this.confirmUnopened(written)
    const hold = pauseHoldOf(written.value.value)
    if (hold !== null) {
      written = await this.post({ holds: [{ id: hold.id, is_deleted: true }] }, context)
      if (written.kind !== 'OK') return afterWrite(written, 'the hold that pauses sales could not be removed')
    }
    const resumed = await this.salesEnds.resume(context, written.value.waypoint)
    if (resumed.kind !== 'OK') return afterWrite(resumed, 'sales could not be resumed')
    const state = this.confirm(written)
    if (state.kind !== 'OK' || state.value.mode === 'WAITLIST_ONLY') return state
    return ok({ ...state.value, mode: 'OPEN' })
  }

  private confirmUnopened(written: Written): Outcome<ConfirmedState> {
    const state = this.confirm(written)
    return state.kind === 'OK' && state.value.mode === 'OPEN' ? ok({ ...state.value, mode: 'UNKNOWN' }) : state
  }

  /** `onRefusal`: started concurrently with the count after a refusal. */
  private lower(firstCap: number, minCap: number, context: CallContext, onRefusal?: () => unknown): Promise<Written> {
    return lowerCap(
      { firstCap, minCap, capInForce: this.listing.acknowledgedCap },
      {
        write: (cap) => this.write(cap, context),
        count: () => {
          onRefusal?.()
          return this.readTier(context)
        },
        countsOf: (tier) => ({
          cap: capForSale(tier),
          floor: floorForSale(tier),
          sold: tier.sold,
          pending: tier.pending,
        }),
        now: () => this.now().getTime(),
      },
    )
  }

  /**
   * Ends the sales of every class, then lowers the cap to the tickets taken, which no further sale can change.
   * `lowered`: the state after an accepted write, or the failure if none was accepted.
   */
  private async endSales(lowered: Written, context: CallContext): Promise<Outcome<ConfirmedState>> {
    // Under load the classes have been requested by now; then sales are ended without another count.
    const underLoad = this.classes !== null
    const [counted, classes] = await Promise.all([
      underLoad ? null : this.readTier(context),
      (this.classes ??= this.salesEnds.list(context)),
    ])
    const capInForce = lowered.kind === 'OK' ? lowered.value.value.cap : null
    // The rest may have been sold since then.
    const soldOut = counted?.kind === 'OK' && modeOfTier(counted.value.value) === 'WAITLIST_ONLY'
    if (soldOut && capInForce !== null && counted.value.value.cap === capInForce) return this.confirm(counted)
    const ended = classes.kind === 'OK' ? await this.salesEnds.end(classes.value, context) : classes
    if (ended.kind === 'OK') return this.confirmEnded(ended.value, lowered, context)
    if (ended.kind === 'UNKNOWN') return ended
    if (lowered.kind === 'OK') return this.confirm(lowered)
    if (ended.kind !== 'REJECTED' && ended.kind !== 'GONE') return ended
    return lowered
  }

  private async confirmEnded(
    waypoint: string | null,
    lowered: Written,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>> {
    const counted = await this.readTier(context, waypoint)
    if (counted.kind !== 'OK' && lowered.kind !== 'OK')
      return afterWrite(counted, 'sales were ended and the cap is unknown')
    const current = counted.kind === 'OK' ? counted : lowered
    const floor = counted.kind === 'OK' ? Math.max(1, floorForSale(counted.value.value)) : null
    const cap = counted.kind === 'OK' ? capForSale(counted.value.value) : null
    const isLow = floor === null || (typeof cap === 'number' && cap <= floor)
    const written = isLow ? current : await this.write(floor, context)
    if (written.kind === 'UNKNOWN') return written
    const state = this.confirm(written.kind === 'OK' ? written : current)
    return state.kind === 'OK' ? ok({ ...state.value, mode: 'WAITLIST_ONLY' }) : state
  }

  /**
   * One cap write: of the event's total, or of the total of every inventory tier. `cap`: without what our hold reserves, as
   * far as it was read.
   */
  private async write(cap: number, context: CallContext): Promise<Written> {
    if (this.tiered) {
      const written = await this.writeTiers(cap, context)
      if (written.kind !== 'GONE') return written
      this.tiered = false
    }
    const written = await this.post({ capacity_total: cap + this.reserved }, sendingCap(context, cap))
    if (written.kind !== 'REJECTED' || mayBeRetried(written) || this.tiered === false) return written
    const tiered = await this.writeTiers(cap, context)
    this.tiered = tiered.kind !== 'GONE'
    return this.tiered ? tiered : written
  }

  /** GONE: the event has no tiers. */
  private async writeTiers(cap: number, context: CallContext): Promise<Written> {
    const [tiers, classes] = await Promise.all([
      listTiers(this.client, this.eventId, context),
      this.salesEnds.list(context),
    ])
    if (tiers.kind !== 'OK') return tiers
    if (classes.kind !== 'OK') return classes
    if (tiers.value.length === 0) return { kind: 'GONE', message: 'the event has no inventory tiers' }
    const closed = hiddenTiers(classes.value, tiers.value)
    const shares = spreadOverTiers(cap, tiers.value, this.listing.typeLimits ?? null, closed)
    const written = await writeShares(this.client, this.eventId, tiers.value, shares, sendingCap(context, cap))
    if (written.kind !== 'OK') return written
    const read = await this.readTier(context)
    if (read.kind !== 'OK') return afterWrite(read, 'the tiers could not be read back')
    return ok({ ...read.value, value: { ...read.value.value, cap: written.value } })
  }

  private async limitsAtImport(context: CallContext): Promise<Outcome<Record<string, number> | null>> {
    const { acknowledgedCap, typeLimits } = this.listing
    if (acknowledgedCap !== null || typeLimits !== null) return ok(null)
    const tiers = await listTiers(this.client, this.eventId, context)
    if (tiers.kind === 'REJECTED' || tiers.kind === 'FORBIDDEN') return ok(null)
    if (tiers.kind !== 'OK') return tiers
    return ok(tiers.value.length === 0 ? null : Object.fromEntries(tiers.value.map(({ id, total }) => [id, total])))
  }

  private async post(fields: JsonObject, context: CallContext): Promise<Written> {
    const call = { path: this.path(), operation: 'write_capacity_tier' }
    const response = await this.client.post(call, { capacity_tier: fields }, context)
    if (response.kind !== 'OK') return response
    const written = decodeResponse(response, readCapacityTier)
    if (written.kind === 'OK') return written
    return readBack(await this.readTier(context, response.value.waypoint), fields.capacity_total)
  }

  private confirm(written: Written): Outcome<ConfirmedState> {
    if (written.kind !== 'OK') return written
    const { sold, pending } = written.value.value
    const cap = capForSale(written.value.value)
    if (typeof cap !== 'number') return afterWrite(rejected('CONTRACT', 'no capacity_total'), 'the response has no cap')
    const tier = written.value.value
    return ok({ cap, mode: isHalfOpen(tier) ? 'UNKNOWN' : modeOfTier(tier), pending, sold, confirmedAt: this.now() })
  }

  private async readTier(context: CallContext, waypoint: string | null = null): Promise<Written> {
    const call = { path: this.path(), operation: 'read_capacity_tier', waypoint }
    const tier = decodeResponse(await this.client.get(call, context), readCapacityTier)
    if (tier.kind === 'OK') this.reserved = reservedByUs(tier.value.value)
    return tier
  }

  private path(): string[] {
    return ['events', this.eventId, 'capacity_tier']
  }
}

/** Whether the cap in force exceeds the requested one and leaves tickets to sell once our hold is removed. */
function wouldSellAbove(cap: number, tier: CapacityTier): boolean {
  return typeof tier.cap === 'number' && tier.cap > Math.max(cap, floorForSale(tier))
}
