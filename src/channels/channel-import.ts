import { Injectable, Logger } from '@nestjs/common'
import type { Channel, Prisma } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Stock } from '../inventory/stock.js'
import { OrderIntake } from '../inventory/order-intake.js'
import { ListingProgress } from '../platforms/listing-progress.js'
import type { CallContext, ChannelReading, Cursor, Failure, Listing, PlatformAdapter } from '../platforms/port.js'
import { checkedReading } from './checked-answers.js'
import { DesiredState } from './desired-state.js'
import { READ_LAG_MS } from './recount.js'
import { limitedAgain } from './channel-updates.js'

const CONTEXT: CallContext = { lane: 'protect' }

export const listingOf = (channel: Channel): Listing => ({
  externalEventId: channel.externalEventId,
  externalTicketClassId: channel.externalTicketClassId,
  // A lost raise may have landed: what is written below it takes something away.
  acknowledgedCap: channel.confirmedCap && Math.max(channel.confirmedCap, channel.unconfirmedCap ?? 0),
  typeLimits: channel.typeLimits as Record<string, number> | null,
})

/**
 * Takes a listing over as it is found: its cap becomes the confirmed one (unknown or unlimited: exposure without
 * bound), its sales so far enter the ledger, and only then is anything wanted of it.
 */
@Injectable()
export class ChannelImport {
  private readonly logger = new Logger(ChannelImport.name)

  constructor(
    private readonly prisma: PrismaService,
    private readonly stock: Stock,
    private readonly orders: OrderIntake,
    private readonly desired: DesiredState,
  ) {}

  /** Null: adopted. A failure changes nothing but what was read so far; adopting again is safe. */
  async adopt(channel: Channel, adapter: PlatformAdapter): Promise<Failure | null> {
    const reading = checkedReading(await adapter.readChannel(listingOf(channel), CONTEXT))
    if (reading.kind !== 'OK') return reading
    const { cap, mode, pending, waitlistAvailable, listingState, typeLimits } = reading.value
    const confirmedCap = typeof cap === 'number' ? cap : null
    await this.prisma.channel.update({
      where: { id: channel.id },
      data: {
        confirmedCap,
        capUnlimited: cap === 'UNLIMITED',
        confirmedMode: mode,
        confirmedAt: reading.value.asOf,
        pendingTickets: pending,
        platformSold: reading.value.sold,
        ...countedFacts(channel, reading.value),
        ...limitedAgain(reading.value, { confirmedCap, confirmedMode: mode }),
        waitlistAvailable,
        listingState: listingState ?? 'UNKNOWN',
        // The organizer's own: what stands there later may be of our writing.
        ...(channel.typeLimits === null && typeLimits ? { typeLimits } : {}),
      },
    })
    const failure = await this.backfill(channel, adapter)
    if (failure) return failure
    await this.stock.transact(channel.eventId, async (tx) => {
      await tx.prisma.channel.update({ where: { id: channel.id }, data: { importedAt: new Date() } })
      const event = await tx.prisma.event.findUniqueOrThrow({
        where: { id: channel.eventId },
        include: { channels: true },
      })
      await this.desired.replan(tx, event, event.channels)
    })
    this.logger.log({ eventId: channel.eventId, platform: channel.platform, cap, mode }, 'listing adopted')
    return null
  }

  private async backfill(channel: Channel, adapter: PlatformAdapter): Promise<Failure | null> {
    let cursor: Cursor | null = null
    const progress = new ListingProgress()
    for (;;) {
      const read = await adapter.listOrders(listingOf(channel), 'full', cursor, CONTEXT)
      if (read.kind !== 'OK') return read
      await this.orders.take(channel, read.value.snapshots, read.value.unreadable)
      const stuck = progress.after(read.value.snapshots, cursor, read.value.nextCursor)
      cursor = read.value.nextCursor
      if (!read.value.done && stuck !== null) return { kind: 'UNAVAILABLE', reason: stuck }
      if (!read.value.done) continue
      await this.prisma.channel.update({
        where: { id: channel.id },
        data: { listingCursor: cursor as Prisma.InputJsonObject, lastPullAt: new Date() },
      })
      return null
    }
  }
}

/** A listing that was closed before it was imported: a reading that is young enough counts what its closing left. */
function countedFacts({ uncountedSince }: Channel, { sold, asOf }: ChannelReading) {
  const inTime = uncountedSince !== null && sold !== null && asOf.getTime() >= uncountedSince.getTime() + READ_LAG_MS
  return inTime ? { uncountedSince: null, uncountedCap: null, recountAt: null, recounts: 0 } : {}
}
