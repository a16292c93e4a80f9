import type { CallContext, ChannelReading, ConfirmedState, Outcome } from '../port.js'
import { floorOf, modeOfFigures, PAUSE_HOLD_NAME, pauseHoldOf } from './capacity-tier.js'
import { readCapacityTier, type CapacityTier } from './capacity-tier.js'
import { secondTry, type EventbriteChannel } from './channel.js'
import { decodeAnswer, type EventbriteClient, type Seen } from './client.js'
import { EVENT_STATUS_EXPANSIONS, modeOfEvent, readEventStatus } from './event-status.js'
import type { JsonObject } from './fields.js'
import { writeTieredCap } from './inventory-tiers.js'
import { afterLanding, ok, readBack, rejected, type Rejection } from './outcomes.js'
import { SalesEnds } from './sales-ends.js'

type Written = Outcome<Seen<CapacityTier>>

/** The channel is the whole event: the capacity tier's `capacity_total` is the cap and its answer tells everything. */
export class WholeEventChannel implements EventbriteChannel {
  private readonly salesEnds: SalesEnds

  constructor(
    private readonly client: EventbriteClient,
    private readonly eventId: string,
    private readonly now: () => Date,
  ) {
    this.salesEnds = new SalesEnds(client, eventId, now)
  }

  /** 1 call; 2 where the figures leave the mode open, and in the bulk lane, which also asks for the waitlist. */
  async read(context: CallContext): Promise<Outcome<ChannelReading>> {
    const seen = await this.readTier(context)
    if (seen.kind !== 'OK') return seen
    const { cap, sold, pending } = seen.value.value
    const figures = modeOfFigures(seen.value.value)
    const capSource = cap === null ? 'none' : 'read'
    const reading = { cap, capSource, sold, pending, asOf: this.now() } as const
    if (context.lane !== 'bulk' && figures !== 'UNKNOWN')
      return ok({ ...reading, mode: figures, waitlistAvailable: null })
    const call = { path: ['events', this.eventId], operation: 'read_event', query: { expand: EVENT_STATUS_EXPANSIONS } }
    const status = decodeAnswer(await this.client.get(call, context), readEventStatus)
    if (status.kind !== 'OK') return status
    const { waitlistAvailable } = status.value.value
    return ok({ ...reading, mode: modeOfEvent(figures, status.value.value), waitlistAvailable })
  }

  async writeCap(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.confirm(await this.write({ capacity_total: cap }, context))
  }

  /** cap = all that is taken. With nothing taken the cap stays 1, and a hold of ours takes that one. */
  async close(context: CallContext): Promise<Outcome<ConfirmedState>> {
    const seen = await this.readTier(context)
    if (seen.kind !== 'OK') return seen
    const floor = floorOf(seen.value.value)
    if (floor > 0) return this.writeCap(floor, context)
    const hold = { name: PAUSE_HOLD_NAME, quantity_total: 1 }
    const held = await this.write({ capacity_total: 1, holds: [hold] }, context)
    const capped = held.kind === 'REJECTED' ? await this.write({ capacity_total: 1 }, context) : held
    const state = this.confirm(capped)
    if (state.kind !== 'OK' || state.value.mode === 'WAITLIST_ONLY') return state
    const ended = await this.salesEnds.end(context)
    if (ended.kind !== 'OK') return afterLanding(ended, 'sales could not be ended')
    return ok({ ...state.value, mode: 'WAITLIST_ONLY' })
  }

  /** The cap first; then our hold and our ends of sales are undone. What an organiser has ended is not ours to open. */
  async open(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    let written = await this.write({ capacity_total: cap }, context)
    if (written.kind !== 'OK') return written
    const hold = pauseHoldOf(written.value.value)
    if (hold !== null) {
      written = await this.post({ holds: [{ id: hold.id, is_deleted: true }] }, context)
      if (written.kind !== 'OK') return afterLanding(written, 'the hold that pauses sales could not be removed')
    }
    const resumed = await this.salesEnds.undo(context, written.value.waypoint)
    if (resumed.kind !== 'OK') return afterLanding(resumed, 'sales could not be resumed')
    const state = this.confirm(written)
    if (state.kind !== 'OK' || state.value.mode === 'WAITLIST_ONLY') return state
    return ok({ ...state.value, mode: 'OPEN' })
  }

  /** One write, and a second one with a higher cap, or by tiers, if the first was refused. */
  private async write(fields: JsonObject & { capacity_total: number }, context: CallContext): Promise<Written> {
    const first = await this.post(fields, context)
    if (first.kind !== 'REJECTED') return first
    const seen = await this.readTier(context)
    if (seen.kind !== 'OK') return first
    const retry = secondTry(first, fields.capacity_total, floorOf(seen.value.value))
    if (retry !== null) return this.post({ ...fields, capacity_total: retry }, context)
    if (fields.holds !== undefined) return first
    return this.writeTiers(fields.capacity_total, first, context)
  }

  private async writeTiers(cap: number, refusal: Rejection, context: CallContext): Promise<Written> {
    const tiered = await writeTieredCap(this.client, this.eventId, cap, context)
    if (tiered.kind === 'GONE' || (tiered.kind === 'OK' && tiered.value === null)) return refusal
    if (tiered.kind !== 'OK') return tiered
    const seen = await this.readTier(context)
    if (seen.kind !== 'OK') return afterLanding(seen, 'the tiers were capped and could not be read back')
    return ok({ ...seen.value, value: { ...seen.value.value, cap: tiered.value } })
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
    if (cap === null) return afterLanding(rejected('CONTRACT', 'no capacity_total'), 'no cap came back')
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
