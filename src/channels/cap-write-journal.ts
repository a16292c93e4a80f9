import { Injectable } from '@nestjs/common'
import { allocated } from '../domain/ledger-account.js'
import type { ChannelRef } from '../domain/channel.js'
import { freeFor } from '../domain/follow-exposure.js'
import { nextWrite, type NextWrite } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'
import { isRedisOutage } from '../infrastructure/errors/redis-outage.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { LockedEvent } from '../inventory/ledger.js'
import { Stock } from '../inventory/stock.js'
import type { PostRequest } from '../inventory/stock-transaction.js'
import type { ConfirmedState } from '../platforms/port.js'
import { FailSafeState } from '../system-mode/fail-safe-state.js'
import { permitted, channelStateOf, type ChannelState } from './channel-state.js'
import { followExposure } from './follow-exposure.js'
import { safetyLoans } from './safety-loans.js'
import {
  confirmedUpdate,
  belowSoldUpdate,
  supersededUpdate,
  type ChannelUpdate,
  type ConfirmOptions,
  type UnconfirmedWrite,
} from './channel-updates.js'
import { prismaOf } from '../infrastructure/prisma/transaction.js'

export interface InFlightWrite {
  write: NextWrite
  channel: Channel
  /** The version of the desired state. */
  version: number
  /** Sequence number of this write; a later one supersedes it. */
  seq: number
  before: UnconfirmedWrite
}

/** An update, or a function that derives it from the row read under the event's lock; null: nothing to record. */
type UpdateSource = ChannelUpdate | ((current: Channel, state: ChannelState) => ChannelUpdate | null)

/**
 * The records kept around one cap write. Its lifecycle:
 *
 * 1. *planned* (`start`): the next write is decided under the event's lock, from the newest desired state;
 * 2. *covered*: in the same transaction the units it needs are posted to the channel's allocation, it gets the next
 *    number (`writeSeq`), and cap and mode are recorded as unconfirmed, whether it raises or lowers anything;
 * 3. *sent*: the fence (`write-fence.ts`) lets a request pass only while no newer write or desired state is recorded,
 *    and stamps `unconfirmedSince`, so that the window in which a lost write may land starts when it is sent;
 * 4. *confirmed* (`confirm`): cap, mode and count are recorded, allocations follow. A smaller cap confirmed without a
 *    count releases nothing yet: the exposure before it stays recorded (`uncountedCap`) until a reading has counted;
 *    or *refused* (`abort`, `refusedBySales`): the record is reverted and its units are released;
 *    or *lost*: it stays unconfirmed (`unconfirmedMode`), the channel is not in sync, and it is sent again soon;
 * 5. *settled*: once a lost write can no longer land, a reading resolves it, or another write where no reading can.
 */
@Injectable()
export class CapWriteJournal {
  constructor(
    private readonly stock: Stock,
    private readonly failSafe: FailSafeState,
    private readonly clock: Clock,
  ) {}

  /**
   * Decides the next write, covers it and records it as unconfirmed before anything is sent. `justCounted`: the recorded
   * counts were made after the last write.
   */
  async start(eventId: string, channelId: string, justCounted = false): Promise<InFlightWrite> {
    return this.stock.transact(eventId, async (tx) => {
      const { channel, state, others } = await loadStates(tx, eventId, channelId)
      // Read in this transaction: once fail-safe mode is stored, no write that opens a listing starts.
      const allowed = permitted({ ...state, justCounted }, await this.failSafe.isFailSafe(tx.transaction))
      const write = nextWrite(allowed, freeFor(tx.balances, state, others))
      const { unconfirmedCap, unconfirmedSince, unconfirmedMode, desiredVersion: version, writeSeq } = channel
      const before = { unconfirmedCap, unconfirmedSince, unconfirmedMode }
      const inFlight: InFlightWrite = { write, channel, version, seq: writeSeq + 1, before }
      if (write.kind !== 'WRITE') return inFlight
      const covered = write.units === 0 || (await tx.post(growth(channel, write.units))) !== null
      if (!covered) return { ...inFlight, write: { kind: 'WAIT' } }
      await recordUnconfirmed(tx, inFlight, write, this.clock.now())
      return inFlight
    })
  }

  /**
   * Records what the platform confirmed. An earlier unconfirmed cap stays recorded as long as it may land, even where
   * the confirmed one is as large: a smaller one may be confirmed before then. A confirmation that arrives after a later
   * write started does not show the current state: it is recorded as an unconfirmed write.
   */
  async confirm(inFlight: InFlightWrite, confirmed: ConfirmedState, options: ConfirmOptions): Promise<void> {
    await this.record(inFlight.channel, (current, state) => {
      const now = this.clock.now()
      const superseded = current.writeSeq !== inFlight.seq || current.confirmedVersion > inFlight.version
      return superseded
        ? supersededUpdate(current, confirmed, now)
        : confirmedUpdate(inFlight, state, confirmed, options, now)
    })
  }

  /** The write did not reach the platform: the units it reserved are released. */
  async abort({ channel, seq, before }: InFlightWrite): Promise<void> {
    await this.record(channel, ({ writeSeq }) => (writeSeq === seq ? before : null))
  }

  /**
   * The write was applied in part, and nothing of it can land any more: the next confirmation settles it, unless the
   * write that was unconfirmed before it may still land.
   */
  async acknowledged({ channel, seq, before }: InFlightWrite): Promise<void> {
    await this.record(channel, ({ writeSeq }) =>
      writeSeq === seq ? { unconfirmedSince: before.unconfirmedSince } : null,
    )
  }

  /** Refused because the platform has sold more: its cap is unchanged, and what it counts is exposure from now on. */
  async refusedBySales(
    { channel, seq, before }: InFlightWrite,
    counted: { sold: number; pending: number } | null,
  ): Promise<void> {
    await this.record(channel, ({ writeSeq, recounts }, state) => {
      const reverted = writeSeq === seq ? before : null
      return counted ? { ...reverted, ...belowSoldUpdate(state, counted, recounts, this.clock.now()) } : reverted
    })
  }

  /** Lets allocations follow exposure without a new update, for units an earlier round left. Not in fail-safe mode. */
  async follow(eventId: string): Promise<void> {
    await this.stock.transact(eventId, async (tx) => {
      if (!(await this.failSafe.isFailSafe(tx.transaction))) await followExposure(tx, eventId)
    })
  }

  /**
   * Records a channel update and lets allocations follow the resulting exposure. Without Redis, and in fail-safe mode,
   * the update alone: it lowers exposure, or raises it within what was allocated before the write, so that allocations
   * cover too much until they follow. Returns whether there was something to record.
   */
  async record(channel: Channel, update: UpdateSource): Promise<boolean> {
    const { id, eventId } = channel
    try {
      return await this.stock.transact(eventId, async (tx) => {
        const recorded = await applyUpdate(tx, id, update)
        if (!(await this.failSafe.isFailSafe(tx.transaction))) await followExposure(tx, eventId)
        return recorded
      })
    } catch (error) {
      if (!isRedisOutage(error)) throw error
      return this.stock.transact(eventId, (tx) => applyUpdate(tx, id, update))
    }
  }
}

async function applyUpdate(locked: LockedEvent, id: string, update: UpdateSource): Promise<boolean> {
  const prisma = prismaOf(locked)
  const { balances } = locked
  const current = typeof update === 'function' ? await prisma.channel.findUniqueOrThrow({ where: { id } }) : null
  const data = typeof update === 'function' && current ? update(current, channelStateOf(current, balances)) : update
  if (data === null || typeof data === 'function') return false
  await prisma.channel.update({ where: { id }, data })
  return true
}

async function loadStates(locked: LockedEvent, eventId: string, channelId: string) {
  const event = await prismaOf(locked).event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
  const channel = event.channels.find(({ id }) => id === channelId)
  if (!channel) throw new Error(`channel ${channelId} does not belong to event ${eventId}`)
  const others = event.channels
    .filter(({ id }) => id !== channelId)
    .map((other) => channelStateOf(other, locked.balances))
  const borrowed = await safetyLoans(locked, event, channel)
  return { channel, state: { ...channelStateOf(channel, locked.balances), borrowed }, others }
}

function growth(channel: ChannelRef, units: number): PostRequest {
  const postings = [
    { quantity: units, sources: ['IN_TRANSIT', 'UNALLOCATED'] as const, destination: allocated(channel) },
  ]
  return { postings, reason: 'cap raised', actor: null, onInsufficient: 'skip' }
}

async function recordUnconfirmed(
  locked: LockedEvent,
  { channel, seq }: InFlightWrite,
  { cap, mode }: Extract<NextWrite, { kind: 'WRITE' }>,
  now: Date,
): Promise<void> {
  const prisma = prismaOf(locked)
  const unconfirmedCap = Math.max(cap, channel.unconfirmedCap ?? 0)
  const data = { unconfirmedCap, unconfirmedSince: now, unconfirmedMode: mode, writeSeq: seq }
  await prisma.channel.update({ where: { id: channel.id }, data })
}
