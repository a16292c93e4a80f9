import { Injectable } from '@nestjs/common'
import { allocated } from '../../domain/stock/ledger-account.js'
import type { ChannelRef } from '../../domain/channel.js'
import { freeFor } from '../../domain/caps/follow-exposure.js'
import { nextWrite, type NextWrite, type SeatCount } from '../../domain/caps/next-write.js'
import { withheldOf } from '../../domain/caps/withheld-units.js'
import type { Channel } from '../../domain/channel-record.js'
import { isRedisOutage } from '../../infrastructure/errors/redis-outage.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { EventStore } from '../../stock/event-store.js'
import type { LockedEvent } from '../../stock/ledger.js'
import { Stock } from '../../stock/stock.js'
import type { PostRequest, StockTransaction } from '../../stock/stock-transaction.js'
import type { ConfirmedState } from '../../platforms/port.js'
import { FailSafeState } from '../../system-mode/fail-safe-state.js'
import { confirmedFact, failedFact, type FactSource } from '../channel-facts.js'
import { permitted, channelStateOf, type ChannelState } from '../channel-state.js'
import { ChannelStore } from '../channel-store.js'
import { CALL_LIMIT_MS } from '../reading/due-reading.js'
import { followExposure } from './follow-exposure.js'
import { uncoveredSales } from './uncovered-sales.js'
import {
  confirmedUpdate,
  belowSoldUpdate,
  supersededUpdate,
  type ChannelUpdate,
  type ConfirmOptions,
  type UnconfirmedWrite,
} from '../channel-updates.js'

/** A count since the last write; `RECORDED`: it is on record. Null: there was none. */
export type JustCounted = SeatCount | 'RECORDED' | null

export interface InFlightWrite {
  write: NextWrite
  channel: Channel
  /** The version of the desired state. */
  version: number
  /** Sequence number of this write; a later one supersedes it. */
  seq: number
  startedAt: Date
  before: UnconfirmedWrite
}

/** Derives an update from the row read under the event's lock; null: nothing to record. */
type UpdateSource = (current: Channel, state: ChannelState) => ChannelUpdate | null

/**
 * The records kept around one cap write. Its lifecycle:
 *
 * 1. *planned* (`start`): the next write is decided under the event's lock, from the newest desired state;
 * 2. *covered*: in the same transaction the units it needs are posted to the channel's allocation, it gets the next
 *    number (`writeSeq`), and cap and mode are recorded as unconfirmed, whether it raises or lowers anything;
 * 3. *sent*: the fence (`write-fence.ts`) lets a request pass only while no newer write or desired state is recorded,
 *    and stamps `unconfirmedSince`, so that the window in which a lost write may land starts when it is sent. One with a
 *    cap above the planned one, which sales prevent, is recorded first (`widen`);
 * 4. *confirmed* (`confirm`): cap, mode and count are recorded, allocations follow. A smaller cap confirmed without a
 *    count releases nothing yet: the exposure before it stays recorded (`uncountedCap`) until a reading has counted;
 *    or *refused* (`abort`, `refusedBySales`): the record is reverted and its units are released;
 *    or *lost* (`lost`): it stays unconfirmed (`unconfirmedMode`), the channel is not in sync, and it is sent again soon;
 * 5. *settled*: once a lost write can no longer land, a reading resolves it, or another write where no reading can.
 */
@Injectable()
export class CapWriteJournal {
  constructor(
    private readonly stock: Stock,
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly failSafe: FailSafeState,
    private readonly clock: Clock,
  ) {}

  /**
   * Decides the next write, covers it and records it as unconfirmed before anything is sent. `counted`: what the
   * platform showed since the last write.
   */
  async start(eventId: string, channelId: string, counted: JustCounted = null): Promise<InFlightWrite> {
    return this.stock.transact(eventId, async (tx) => this.cover(tx, await this.plan(tx, channelId, counted)))
  }

  /** Decides the next write and changes nothing. */
  async plan(locked: LockedEvent, channelId: string, counted: JustCounted = null): Promise<InFlightWrite> {
    const { channel, state, others, withheld } = await this.loadStates(locked, channelId)
    // Read in this transaction: once fail-safe mode is stored, no write that opens a listing starts.
    const { platformSold: sold, pendingTickets: pending } = channel
    const recorded = sold === null ? { sold: 0, pending: 0 } : { sold, pending }
    const justCounted = counted === 'RECORDED' ? recorded : counted
    const allowed = permitted({ ...state, justCounted }, await this.failSafe.isFailSafe(locked.transaction))
    const write = nextWrite(allowed, freeFor(locked.balances, state, others, withheld))
    const { unconfirmedCap, unconfirmedSince, unconfirmedMode, desiredVersion: version, writeSeq } = channel
    const before = { unconfirmedCap, unconfirmedSince, unconfirmedMode }
    return { write, channel, version, seq: writeSeq + 1, startedAt: this.clock.now(), before }
  }

  /** Covers a write that was planned in this transaction and records it as unconfirmed. */
  async cover(tx: StockTransaction, planned: InFlightWrite): Promise<InFlightWrite> {
    const { write, channel } = planned
    if (write.kind !== 'WRITE') return planned
    const covered = write.units === 0 || (await tx.post(growth(channel, write.units))) !== null
    if (!covered) return { ...planned, write: { kind: 'WAIT' } }
    return { ...planned, before: await this.recordUnconfirmed(tx, planned, write) }
  }

  /** Records that a request of the write is about to have a larger cap, as where sales prevent the planned one. */
  async widen({ channel: { id, eventId }, seq, write }: InFlightWrite, cap: number): Promise<void> {
    if (write.kind !== 'WRITE') return
    const { mode } = write
    await this.stock.transact(eventId, async (tx) => {
      const { writeSeq, unconfirmedCap } = await this.channels.read(tx.transaction, id)
      if (writeSeq !== seq || (unconfirmedCap ?? 0) >= cap) return
      await this.channels.update(tx.transaction, id, { unconfirmedCap: cap, unconfirmedMode: mode })
      tx.prove({ kind: 'CAP_WRITE', channel: id, write: seq, cap, mode })
    })
  }

  /**
   * Records what the platform confirmed. An earlier unconfirmed cap stays recorded as long as it may land, even where
   * the confirmed one is as large: a smaller one may be confirmed before then. A confirmation that arrives after a later
   * write started does not show the current state: while it may be in force, it is recorded as an unconfirmed write.
   * Returns false for such a one.
   */
  async confirm(inFlight: InFlightWrite, confirmed: ConfirmedState, options: ConfirmOptions): Promise<boolean> {
    let superseded = false
    const update: UpdateSource = (current, state) => {
      superseded = isSuperseded(current, inFlight)
      return superseded
        ? supersededUpdate(current, confirmed, options, this.clock.now())
        : confirmedUpdate(inFlight, state, confirmed, options)
    }
    const { seq } = inFlight
    await this.record(inFlight.channel, update, (before, after) =>
      confirmedFact(seq, superseded, confirmed)(before, after),
    )
    return !superseded
  }

  /** The write did not reach the platform: the units it reserved are released. */
  async abort({ channel, seq, before }: InFlightWrite): Promise<void> {
    await this.record(channel, ({ writeSeq }) => (writeSeq === seq ? before : null), failedFact(seq))
  }

  /**
   * Its response was lost, so it may still land. The window for that starts when it is sent and includes the time of one
   * call; a suspended process holds the request longer, until now. This applies to a superseded write too: as long as an
   * unconfirmed cap is recorded, the later write was confirmed while this one could still land.
   */
  async lost({ channel: { id } }: InFlightWrite): Promise<void> {
    const { writeSeq, unconfirmedSince } = await this.channels.read(null, id)
    const held = new Date(this.clock.now().getTime() - CALL_LIMIT_MS)
    if (unconfirmedSince === null || unconfirmedSince >= held) return
    await this.channels.updateIf(null, id, { writeSeq, unconfirmedSince }, { unconfirmedSince: held })
  }

  /**
   * The write was applied in part, and nothing of it can land any more: the next confirmation settles it, unless the
   * write that was unconfirmed before it may still land.
   */
  async acknowledged({ channel, seq, before }: InFlightWrite): Promise<void> {
    await this.record(
      channel,
      ({ writeSeq }) => (writeSeq === seq ? { unconfirmedSince: before.unconfirmedSince } : null),
      () => null,
    )
  }

  /** Refused because the platform has sold more: its cap is unchanged, and what it counts is exposure from now on. */
  async refusedBySales(
    { channel, seq, before }: InFlightWrite,
    counted: { sold: number; pending: number } | null,
  ): Promise<void> {
    const update: UpdateSource = (current, state) => {
      const reverted = current.writeSeq === seq ? before : null
      return counted ? { ...reverted, ...belowSoldUpdate(current, state, counted, this.clock.now()) } : reverted
    }
    await this.record(channel, update, failedFact(seq, counted))
  }

  /** Lets allocations follow exposure without a new update, for units an earlier round left. Not in fail-safe mode. */
  async follow(eventId: string): Promise<void> {
    await this.stock.transact(eventId, async (tx) => {
      if (!(await this.failSafe.isFailSafe(tx.transaction))) await followExposure(tx, this.events, eventId)
    })
  }

  /**
   * Records a channel update and lets allocations follow the resulting exposure. Without Redis, and in fail-safe mode,
   * the update alone: it lowers exposure, or raises it within what was allocated before the write, so that allocations
   * cover too much until they follow. `fact`: its line in the proof. Returns whether there was something to record.
   */
  async record(channel: Channel, update: UpdateSource, fact: FactSource): Promise<boolean> {
    const { id, eventId } = channel
    try {
      return await this.stock.transact(eventId, async (tx) => {
        const recorded = await this.applyUpdate(tx, id, update, fact)
        if (!(await this.failSafe.isFailSafe(tx.transaction))) await followExposure(tx, this.events, eventId)
        return recorded
      })
    } catch (error) {
      if (!isRedisOutage(error)) throw error
      return this.stock.transact(eventId, (tx) => this.applyUpdate(tx, id, update, fact))
    }
  }

  private async applyUpdate(locked: LockedEvent, id: string, update: UpdateSource, fact: FactSource): Promise<boolean> {
    const { transaction, balances } = locked
    const current = await this.channels.read(transaction, id)
    const change = update(current, channelStateOf(current, balances))
    if (change === null) return false
    const proven = fact(current, await this.channels.update(transaction, id, change))
    if (proven) locked.prove(proven)
    return true
  }

  private async loadStates(locked: LockedEvent, channelId: string) {
    const { eventId, transaction, balances } = locked
    const event = await this.events.withChannels(transaction, eventId)
    const channel = event.channels.find(({ id }) => id === channelId)
    if (!channel) throw new Error(`channel ${channelId} does not belong to event ${eventId}`)
    const others = event.channels.filter(({ id }) => id !== channelId).map((other) => channelStateOf(other, balances))
    const uncovered = await uncoveredSales(locked, event, channel)
    const state = { ...channelStateOf(channel, balances), uncovered }
    return { channel, state, others, withheld: withheldOf(event, balances) }
  }

  /** Returns the write before it, which can no longer be sent from now on. */
  private async recordUnconfirmed(
    locked: LockedEvent,
    { channel, seq, startedAt, before }: InFlightWrite,
    { cap, mode }: Extract<NextWrite, { kind: 'WRITE' }>,
  ): Promise<UnconfirmedWrite> {
    const { transaction } = locked
    const { id, unconfirmedCap } = channel
    const change = { unconfirmedCap: Math.max(cap, unconfirmedCap ?? 0), unconfirmedMode: mode, writeSeq: seq }
    // Its fence does not wait for the ledger: it may have recorded a request since the row was read.
    const superseded = unconfirmedCap === null ? before : await this.channels.update(transaction, id, change)
    await this.channels.update(transaction, id, { ...change, unconfirmedSince: startedAt })
    locked.prove({ kind: 'CAP_WRITE', channel: id, write: seq, cap, mode })
    return { ...before, unconfirmedSince: superseded.unconfirmedSince }
  }
}

function isSuperseded(current: Channel, { seq, version }: InFlightWrite): boolean {
  return current.writeSeq !== seq || current.confirmedVersion > version
}

function growth(channel: ChannelRef, units: number): PostRequest {
  const postings = [
    { quantity: units, sources: ['IN_TRANSIT', 'UNALLOCATED'] as const, destination: allocated(channel) },
  ]
  return { postings, reason: 'cap raised', actor: null, onInsufficient: 'skip' }
}
