import { Injectable } from '@nestjs/common'
import { allocated } from '../domain/account.js'
import type { Platform } from '../domain/channel.js'
import { freeUnits, isUncovered } from '../domain/follow.js'
import { nextWrite, type NextWrite } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import { isRedisOutage } from '../infrastructure/redis/outage.js'
import type { Book } from '../inventory/ledger.js'
import { LockedStock, type LockedPlan, type LockedTake } from '../inventory/locked-stock.js'
import type { ConfirmedState } from '../platforms/port.js'
import { isFailSafe } from '../fail-safe/stored-mode.js'
import { permitted, standingOf } from './channel-standing.js'
import { followPlan } from './follow-plan.js'

/** What was outstanding before a write began: it may still land after it. */
export interface Outstanding {
  cap: number | null
  since: Date | null
}

export interface BegunWrite {
  write: NextWrite
  channel: Channel
  version: number
  before: Outstanding
}

/** The bookkeeping around one cap write: units are allocated before it is sent, and released after it is confirmed. */
@Injectable()
export class CapWrites {
  constructor(private readonly stock: LockedStock) {}

  /** Decides the next write and, where it raises exposure, covers it and notes it as unsettled, before anything is sent. */
  async begin(eventId: string, channelId: string): Promise<BegunWrite> {
    return this.stock.run(eventId, async (book, salt) => {
      const { channel, standing, others } = await standings(book, eventId, channelId)
      const free = others.some((other) => isUncovered(book.balances, other)) ? 0 : freeUnits(book.balances)
      // As of this very transaction: once the mode is stored, no write is begun that opens anything.
      const write = nextWrite(permitted(standing, await isFailSafe(book.tx)), free)
      const before = { cap: channel.unsettledCap, since: channel.unsettledSince }
      const begun: BegunWrite = { write, channel, version: channel.desiredVersion, before }
      const takes =
        write.kind === 'WRITE' && write.units > 0 ? [growth(eventId, standing.platform, write.units, salt)] : []
      return {
        takes,
        finish: async (movements) => {
          if (movements.includes(null)) return { ...begun, write: { kind: 'WAIT' } }
          if (write.kind === 'WRITE') await noteUnsettled(book, channel, write.cap)
          return begun
        },
      }
    })
  }

  /**
   * Records what the platform confirmed. A cap still outstanding from earlier stays on record as long as it may land,
   * even where the confirmed one is as large: a smaller one may be confirmed before then.
   */
  async confirm(begun: BegunWrite, state: ConfirmedState, settleMs: number): Promise<void> {
    const { cap, since } = begun.before
    const mayLand = cap !== null && since !== null && since.getTime() + settleMs > Date.now()
    await this.record(begun.channel, {
      confirmedCap: state.cap,
      confirmedMode: state.mode,
      confirmedAt: state.confirmedAt,
      confirmedVersion: begun.version,
      pendingTickets: state.pending,
      platformSold: state.sold ?? countAbove(begun.channel, state.cap),
      unsettledCap: mayLand ? cap : null,
      unsettledSince: mayLand ? since : null,
      trouble: null,
    })
  }

  /** The write did not reach the platform: what it would have raised is let go again. */
  async withdraw(begun: BegunWrite, trouble: string | null): Promise<void> {
    await this.record(begun.channel, {
      unsettledCap: begun.before.cap,
      unsettledSince: begun.before.since,
      ...(trouble === null ? {} : { trouble }),
    })
  }

  /** Lets allocations follow exposure without any news; for what an earlier round had to leave. Not in fail-safe mode. */
  async follow(eventId: string): Promise<void> {
    await this.stock.run(eventId, async (book, salt) =>
      (await isFailSafe(book.tx)) ? NOTHING : followPlan(book, eventId, salt),
    )
  }

  /**
   * Writes channel facts and lets allocations follow the exposure they make. Without Redis, and in fail-safe mode, the
   * facts alone: they lower exposure, or raise it within what was allocated before the write, so that allocations
   * cover too much until they follow.
   */
  async record(channel: Channel, facts: ChannelFacts): Promise<void> {
    const note = (book: Book) => book.tx.channel.update({ where: { id: channel.id }, data: facts })
    try {
      await this.stock.run(channel.eventId, async (book, salt) => {
        await note(book)
        return (await isFailSafe(book.tx)) ? NOTHING : followPlan(book, channel.eventId, salt)
      })
    } catch (error) {
      if (!isRedisOutage(error)) throw error
      await this.stock.run(channel.eventId, async (book) => {
        await note(book)
        return NOTHING
      })
    }
  }
}

const NOTHING: LockedPlan<void> = { takes: [], finish: () => Promise.resolve() }

export type ChannelFacts = Partial<
  Pick<
    Channel,
    | 'confirmedCap'
    | 'confirmedMode'
    | 'confirmedAt'
    | 'confirmedVersion'
    | 'pendingTickets'
    | 'platformSold'
    | 'unsettledCap'
    | 'unsettledSince'
    | 'trouble'
    | 'waitlistAvailable'
  >
>

/** A count that a grown cap does not reach still tells what is sold there. */
function countAbove({ platformSold }: Channel, cap: number): number | null {
  return platformSold !== null && platformSold > cap ? platformSold : null
}

async function standings(book: Book, eventId: string, channelId: string) {
  const channels = await book.tx.channel.findMany({ where: { eventId } })
  const channel = channels.find(({ id }) => id === channelId)
  if (!channel) throw new Error(`channel ${channelId} is not one of ${eventId}`)
  const others = channels.filter(({ id }) => id !== channelId).map((other) => standingOf(other, book.balances))
  return { channel, standing: standingOf(channel, book.balances), others }
}

function growth(eventId: string, platform: Platform, units: number, salt: string): LockedTake {
  return {
    operationId: `${eventId}:${newId('grow')}${salt}`,
    legs: [{ quantity: units, from: ['IN_TRANSIT', 'UNALLOCATED'], to: allocated(platform) }],
    reason: 'cap raised',
    actor: null,
    short: 'taken',
  }
}

async function noteUnsettled(book: Book, channel: Channel, cap: number): Promise<void> {
  if (channel.confirmedCap !== null && cap <= channel.confirmedCap) return
  const unsettledCap = Math.max(cap, channel.unsettledCap ?? 0)
  await book.tx.channel.update({ where: { id: channel.id }, data: { unsettledCap, unsettledSince: new Date() } })
}
