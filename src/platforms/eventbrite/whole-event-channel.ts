import type { CallContext, ChannelReading, ConfirmedState, Listing, Outcome } from '../port.js'
import { floorOf, modeOfFigures, PAUSE_HOLD_NAME, pauseHoldOf } from './capacity-tier.js'
import { readCapacityTier, type CapacityTier } from './capacity-tier.js'
import type { EventbriteChannel } from './channel.js'
import { decodeAnswer, type EventbriteClient, type Seen } from './client.js'
import { asksForState, fetchEventStatus, modeOfEvent } from './event-status.js'
import type { JsonObject } from './fields.js'
import { hiddenTiers, listTiers, writeShares } from './inventory-tiers.js'
import { lowerCap, passesLater } from './lower-cap.js'
import { afterLanding, ok, readBack, rejected } from './outcomes.js'
import { SalesEnds } from './sales-ends.js'
import { spreadOverTiers } from './tier-shares.js'

type Written = Outcome<Seen<CapacityTier>>

/**
 * The channel is the whole event: the capacity tier's `capacity_total` is the cap and its answer tells everything.
 * One object serves one operation.
 */
export class WholeEventChannel implements EventbriteChannel {
  private readonly salesEnds: SalesEnds
  private readonly eventId: string
  /** Asked for while a closing meets refusals, in case that sales have to be ended. */
  private classes: ReturnType<SalesEnds['list']> | null = null
  /** Whether its stock is kept in inventory tiers; null: not known yet. */
  private tiered: boolean | null

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
   * 1 call; 2 where the figures leave the mode open, where the event's state is asked for, and in the bulk lane, which
   * also asks for the waitlist. 1 more while neither a cap nor limits are on record (`typeLimits` null, not left out):
   * a listing that is taken over also tells its limits per tier.
   */
  async read(context: CallContext): Promise<Outcome<ChannelReading>> {
    const seen = await this.readTier(context)
    if (seen.kind !== 'OK') return seen
    const typeLimits = await this.limitsAtImport(context)
    if (typeLimits.kind !== 'OK') return typeLimits
    const { cap, sold, pending } = seen.value.value
    const figures = modeOfFigures(seen.value.value)
    const capSource = cap === null ? 'none' : 'read'
    const limits = { typeLimits: typeLimits.value }
    const reading = { cap, capSource, sold, pending, asOf: this.now(), ...limits } as const
    if (!asksForState(context) && figures !== 'UNKNOWN')
      return ok({ ...reading, mode: figures, waitlistAvailable: null })
    const status = await fetchEventStatus(this.client, this.eventId, context)
    if (status.kind !== 'OK') return status
    const { waitlistAvailable, listingState } = status.value.value
    return ok({ ...reading, mode: modeOfEvent(figures, status.value.value), listingState, waitlistAvailable })
  }

  async writeCap(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.confirm(await this.lower(cap, cap, context))
  }

  /**
   * cap = all that is taken, `cap` first, unread. With nothing taken the cap stays 1, and a hold of ours takes that
   * one. Where neither closes in time, sales are ended.
   */
  async close(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const lowered = await this.lower(cap, 0, context, () => (this.classes ??= this.salesEnds.list(context)))
    if (lowered.kind !== 'OK') return lowered.kind === 'CAP_BELOW_SOLD' ? this.endSales(lowered, context) : lowered
    const stands = lowered.value.value
    if (modeOfFigures(stands) === 'WAITLIST_ONLY') return this.confirm(lowered)
    if (stands.cap !== 1 || this.tiered === true) return this.endSales(lowered, context)
    const held = await this.post({ holds: [{ name: PAUSE_HOLD_NAME, quantity_total: 1 }] }, context)
    if (held.kind === 'OK' && modeOfFigures(held.value.value) === 'WAITLIST_ONLY') return this.confirm(held)
    return held.kind === 'UNKNOWN' ? held : this.endSales(lowered, context)
  }

  /** The cap first; then our hold and our ends of sales are undone. What an organizer has ended is not ours to open. */
  async open(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    let written = await this.lower(cap, cap, context)
    if (written.kind !== 'OK') return written
    const hold = pauseHoldOf(written.value.value)
    if (hold !== null) {
      written = await this.post({ holds: [{ id: hold.id, is_deleted: true }] }, context)
      if (written.kind !== 'OK') return afterLanding(written, 'the hold that pauses sales could not be removed')
    }
    const resumed = await this.salesEnds.resume(context, written.value.waypoint)
    if (resumed.kind !== 'OK') return afterLanding(resumed, 'sales could not be resumed')
    const state = this.confirm(written)
    if (state.kind !== 'OK' || state.value.mode === 'WAITLIST_ONLY') return state
    return ok({ ...state.value, mode: 'OPEN' })
  }

  /** `onRefusal`: started beside the count that a refusal asks for. */
  private lower(first: number, least: number, context: CallContext, onRefusal?: () => unknown): Promise<Written> {
    return lowerCap(
      { first, least, inForce: this.listing.acknowledgedCap },
      {
        write: (cap) => this.write(cap, context),
        count: () => {
          onRefusal?.()
          return this.readTier(context)
        },
        figures: (tier) => ({ cap: tier.cap, floor: floorOf(tier), sold: tier.sold, pending: tier.pending }),
        now: () => this.now().getTime(),
      },
    )
  }

  /**
   * Ends the sales of every class, then lowers the cap to what is taken, which nothing can come before any more.
   * `lowered`: the state that an accepted write left, or that none was.
   */
  private async endSales(lowered: Written, context: CallContext): Promise<Outcome<ConfirmedState>> {
    // In a rush the classes are known by now, and nothing is waited for.
    const inRush = this.classes !== null
    const [counted, classes] = await Promise.all([
      inRush ? null : this.readTier(context),
      (this.classes ??= this.salesEnds.list(context)),
    ])
    const stands = lowered.kind === 'OK' ? lowered.value.value.cap : null
    // What was left has been sold meanwhile.
    const soldOut = counted?.kind === 'OK' && modeOfFigures(counted.value.value) === 'WAITLIST_ONLY'
    if (soldOut && stands !== null && counted.value.value.cap === stands) return this.confirm(counted)
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
      return afterLanding(counted, 'sales ended, the cap is not known')
    const stands = counted.kind === 'OK' ? counted : lowered
    const floor = counted.kind === 'OK' ? Math.max(1, floorOf(counted.value.value)) : null
    const cap = counted.kind === 'OK' ? counted.value.value.cap : null
    const isLow = floor === null || (typeof cap === 'number' && cap <= floor)
    const written = isLow ? stands : await this.write(floor, context)
    if (written.kind === 'UNKNOWN') return written
    const state = this.confirm(written.kind === 'OK' ? written : stands)
    return state.kind === 'OK' ? ok({ ...state.value, mode: 'WAITLIST_ONLY' }) : state
  }

  /** One write: of the event's total, or of every tier's where stock is kept so. */
  private async write(cap: number, context: CallContext): Promise<Written> {
    if (this.tiered) {
      const written = await this.writeTiers(cap, context)
      if (written.kind !== 'GONE') return written
      this.tiered = false
    }
    const written = await this.post({ capacity_total: cap }, context)
    if (written.kind !== 'REJECTED' || passesLater(written) || this.tiered === false) return written
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
    const written = await writeShares(this.client, this.eventId, tiers.value, shares, context)
    if (written.kind !== 'OK') return written
    const seen = await this.readTier(context)
    if (seen.kind !== 'OK') return afterLanding(seen, 'the tiers were capped and could not be read back')
    return ok({ ...seen.value, value: { ...seen.value.value, cap: written.value } })
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
    const answer = await this.client.post(call, { capacity_tier: fields }, context)
    if (answer.kind !== 'OK') return answer
    const written = decodeAnswer(answer, readCapacityTier)
    if (written.kind === 'OK') return written
    return readBack(await this.readTier(context, answer.value.waypoint), fields.capacity_total)
  }

  private confirm(written: Written): Outcome<ConfirmedState> {
    if (written.kind !== 'OK') return written
    const { cap, sold, pending } = written.value.value
    if (typeof cap !== 'number') return afterLanding(rejected('CONTRACT', 'no capacity_total'), 'no cap came back')
    return ok({ cap, mode: modeOfFigures(written.value.value), pending, sold, confirmedAt: this.now() })
  }

  private async readTier(context: CallContext, waypoint: string | null = null): Promise<Written> {
    const call = { path: this.path(), operation: 'read_capacity_tier', waypoint }
    return decodeAnswer(await this.client.get(call, context), readCapacityTier)
  }

  private path(): string[] {
    return ['events', this.eventId, 'capacity_tier']
  }
}
