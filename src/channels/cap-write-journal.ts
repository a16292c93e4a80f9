import { Injectable } from '@nestjs/common'
import { allocated } from '../domain/ledger-account.js'
import type { Platform } from '../domain/channel.js'
import { freeFor } from '../domain/follow-exposure.js'
import { nextWrite, type NextWrite } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'
import { isRedisOutage } from '../infrastructure/redis/outage.js'
import type { LockedEvent } from '../inventory/ledger.js'
import { Stock } from '../inventory/stock.js'
import type { PostRequest } from '../inventory/stock-transaction.js'
import type { ConfirmedState } from '../platforms/port.js'
import { isFailSafe } from '../fail-safe/stored-mode.js'
import { permitted, channelStateOf, type ChannelState } from './channel-state.js'
import { followExposure } from './follow-exposure.js'
import { safetyLoans } from './safety-loans.js'
import {
  confirmedUpdate,
  belowSoldUpdate,
  overtakenUpdate,
  type ChannelUpdate,
  type ConfirmOptions,
  type UnconfirmedWrite,
} from './channel-updates.js'

export interface InFlightWrite {
  write: NextWrite
  channel: Channel
  /** The version of what was wanted. */
  version: number
  /** The number of this write: a later one outdates it. */
  seq: number
  before: UnconfirmedWrite
}

/** Facts about a channel, or what makes them of the row as it stands under the event's lock; null: nothing to record. */
type FactsFrom = ChannelUpdate | ((current: Channel, standing: ChannelState) => ChannelUpdate | null)

/**
 * The bookkeeping around one cap write. Its life:
 *
 * 1. *planned* (`begin`): the next write is decided under the event's lock, from the newest wish;
 * 2. *covered*: in the same transaction the units it needs move to the channel's allocation, it gets the next number
 *    (`writeSeq`), and cap and mode go on record as outstanding, whether it raises or lowers anything;
 * 3. *sent*: the fence (`write-fence.ts`) lets each request out only while no newer write or wish is on record, and
 *    stamps `unconfirmedSince` then, so that the window in which a lost one may land starts with its bytes;
 * 4. *confirmed* (`confirm`): cap, mode and count are recorded, allocations follow. A smaller cap confirmed without a
 *    count releases nothing yet: the exposure before it is kept (`uncountedCap`) until a reading has counted;
 *    or *refused* (`withdraw`, `outsold`): it is taken off the record and its units are let go again;
 *    or *lost*: it stays outstanding (`unconfirmedMode`), the channel is not in step, and it is written again at once;
 * 5. *settled*: once a lost write can no longer land, a reading, or another write where none can tell, ends it.
 */
@Injectable()
export class CapWriteJournal {
  constructor(private readonly stock: Stock) {}

  /**
   * Decides the next write, covers it and notes it as outstanding, before anything is sent. `justCounted`: the counts
   * on record were made after the last write.
   */
  async begin(eventId: string, channelId: string, justCounted = false): Promise<InFlightWrite> {
    return this.stock.transact(eventId, async (tx) => {
      const { channel, standing, others } = await standings(tx, eventId, channelId)
      // As of this very transaction: once the mode is stored, no write is begun that opens anything.
      const allowed = permitted({ ...standing, justCounted }, await isFailSafe(tx.prisma))
      const write = nextWrite(allowed, freeFor(tx.balances, standing, others))
      const { unconfirmedCap, unconfirmedSince, unconfirmedMode, desiredVersion: version, writeSeq } = channel
      const before = { unconfirmedCap, unconfirmedSince, unconfirmedMode }
      const begun: InFlightWrite = { write, channel, version, seq: writeSeq + 1, before }
      if (write.kind !== 'WRITE') return begun
      const covered = write.units === 0 || (await tx.post(growth(standing.platform, write.units))) !== null
      if (!covered) return { ...begun, write: { kind: 'WAIT' } }
      await noteOutstanding(tx, begun, write)
      return begun
    })
  }

  /**
   * Records what the platform confirmed. A cap still outstanding from earlier stays on record as long as it may land,
   * even where the confirmed one is as large: a smaller one may be confirmed before then. A confirmation that comes
   * after a later write began is no news of what stands now: it leaves a write without an answer.
   */
  async confirm(begun: InFlightWrite, state: ConfirmedState, options: ConfirmOptions): Promise<void> {
    await this.record(begun.channel, (current, standing) => {
      const overtaken = current.writeSeq !== begun.seq || current.confirmedVersion > begun.version
      return overtaken ? overtakenUpdate(current, state) : confirmedUpdate(begun, standing, state, options)
    })
  }

  /** The write did not reach the platform: what it would have raised is let go again. */
  async withdraw(begun: InFlightWrite): Promise<void> {
    await this.record(begun.channel, ({ writeSeq }) => (writeSeq === begun.seq ? begun.before : null))
  }

  /**
   * It was applied in part, and nothing of it can land any more: the next confirmation settles it, unless what was
   * outstanding before it may still land.
   */
  async answered(begun: InFlightWrite): Promise<void> {
    const { seq, before } = begun
    await this.record(begun.channel, ({ writeSeq }) =>
      writeSeq === seq ? { unconfirmedSince: before.unconfirmedSince } : null,
    )
  }

  /** Refused because the platform has sold more: nothing changed there, and what it counts is exposure from now on. */
  async outsold(begun: InFlightWrite, counted: { sold: number; pending: number } | null): Promise<void> {
    await this.record(begun.channel, ({ writeSeq, recounts }, standing) => {
      const withdrawn = writeSeq === begun.seq ? begun.before : null
      return counted ? { ...withdrawn, ...belowSoldUpdate(standing, counted, recounts) } : withdrawn
    })
  }

  /** Lets allocations follow exposure without any news; for what an earlier round had to leave. Not in fail-safe mode. */
  async follow(eventId: string): Promise<void> {
    await this.stock.transact(eventId, async (tx) => {
      if (!(await isFailSafe(tx.prisma))) await followExposure(tx, eventId)
    })
  }

  /**
   * Writes channel facts and lets allocations follow the exposure they make. Without Redis, and in fail-safe mode, the
   * facts alone: they lower exposure, or raise it within what was allocated before the write, so that allocations
   * cover too much until they follow. Answers whether there was something to record.
   */
  async record(channel: Channel, facts: FactsFrom): Promise<boolean> {
    const { id, eventId } = channel
    try {
      return await this.stock.transact(eventId, async (tx) => {
        const recorded = await noteFacts(tx, id, facts)
        if (!(await isFailSafe(tx.prisma))) await followExposure(tx, eventId)
        return recorded
      })
    } catch (error) {
      if (!isRedisOutage(error)) throw error
      return this.stock.transact(eventId, (tx) => noteFacts(tx, id, facts))
    }
  }
}

async function noteFacts({ prisma, balances }: LockedEvent, id: string, facts: FactsFrom): Promise<boolean> {
  const current = typeof facts === 'function' ? await prisma.channel.findUniqueOrThrow({ where: { id } }) : null
  const data = typeof facts === 'function' && current ? facts(current, channelStateOf(current, balances)) : facts
  if (data === null || typeof data === 'function') return false
  await prisma.channel.update({ where: { id }, data })
  return true
}

async function standings(locked: LockedEvent, eventId: string, channelId: string) {
  const event = await locked.prisma.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
  const channel = event.channels.find(({ id }) => id === channelId)
  if (!channel) throw new Error(`channel ${channelId} is not one of ${eventId}`)
  const others = event.channels
    .filter(({ id }) => id !== channelId)
    .map((other) => channelStateOf(other, locked.balances))
  const lent = await safetyLoans(locked, event, [channel.platform as Platform])
  return { channel, standing: { ...channelStateOf(channel, locked.balances), lent }, others }
}

function growth(platform: Platform, units: number): PostRequest {
  const postings = [
    { quantity: units, sources: ['IN_TRANSIT', 'UNALLOCATED'] as const, destination: allocated(platform) },
  ]
  return { postings, reason: 'cap raised', actor: null, onInsufficient: 'skip' }
}

async function noteOutstanding(
  { prisma }: LockedEvent,
  { channel, seq }: InFlightWrite,
  { cap, mode }: Extract<NextWrite, { kind: 'WRITE' }>,
): Promise<void> {
  const unconfirmedCap = Math.max(cap, channel.unconfirmedCap ?? 0)
  const data = { unconfirmedCap, unconfirmedSince: new Date(), unconfirmedMode: mode, writeSeq: seq }
  await prisma.channel.update({ where: { id: channel.id }, data })
}
