import { Injectable } from '@nestjs/common'
import { attachmentOf } from '../../channels/attachment.js'
import { byListingOrder, channelStateOf } from '../../channels/channel-state.js'
import { exposure } from '../../domain/caps/exposure.js'
import { withheldOf } from '../../domain/caps/withheld-units.js'
import { DIRECT } from '../../domain/channel.js'
import type { Channel } from '../../domain/channel-record.js'
import { eventNotFound } from '../../domain/errors.js'
import type { Event } from '../../domain/event-record.js'
import { eventState, LIVE_AFTER_END_MS, endOf, salesEndOf } from '../../domain/events/event-state.js'
import { allocated, capacityOf, sold, soldTotal, unitsOf, type Balances } from '../../domain/stock/ledger-account.js'
import { ceilShare, floorShare } from '../../domain/stock/ratio.js'
import { balancesOf, WITH_BALANCES } from '../../infrastructure/prisma/balance-rows.js'
import { withChannels } from '../../infrastructure/prisma/channel-rows.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import type { EventWithChannels } from '../../stock/event-store.js'
import type { StockChannelDto, StockDto } from './stock.dto.js'

/** The rows of an event's stock. */
export interface StockRows {
  event: EventWithChannels
  balances: Balances
  epoch: number
}

/** What the stock depends on besides its rows. */
export interface StockSituation {
  now: Date
  /** Whether the system mode allows sales. */
  selling: boolean
  /** Tickets per hour by channel id. */
  velocities: ReadonlyMap<string, number>
}

/** Reads the rows of an event's stock, and shows them. */
@Injectable()
export class StockCalculation {
  constructor(private readonly prisma: PrismaService) {}

  /** Throws NotFound. */
  async rows(eventId: string): Promise<StockRows> {
    const row = await this.prisma.event.findUnique({
      where: { id: eventId },
      include: { channels: true, ledger: WITH_BALANCES },
    })
    if (!row?.ledger) throw eventNotFound()
    const { ledger, ...event } = row
    return { event: withChannels(event), balances: balancesOf(ledger), epoch: ledger.epoch }
  }
}

/** The stock without the instant that it is of. */
export function stockOf({ event, balances, epoch }: StockRows, situation: StockSituation): Omit<StockDto, 'asOf'> {
  const capacity = capacityOf(balances)
  const taken = soldTotal(balances)
  const { velocities } = situation
  return {
    eventId: event.id,
    capacity,
    sold: taken,
    held: balances.HELD,
    available: capacity - taken - balances.HELD,
    unallocated: balances.UNALLOCATED,
    inTransit: balances.IN_TRANSIT,
    state: eventState(event, situation.now),
    safetyStock: {
      total: ceilShare(event.safetyStockRatio, capacity),
      remaining: balances.SAFETY,
      freed: withheldOf(event, balances),
    },
    softCap: softCapOf(event, capacity),
    channels: [
      ...byListingOrder(event.channels).map((channel) =>
        channelDto(channel, balances, velocities.get(channel.id) ?? null),
      ),
      directDto(event, balances, situation),
    ],
    oversold: Math.abs(balances.OVERSOLD),
    epoch,
  }
}

/** When time alone changes the stock that is shown for these rows, ms; null: never again. */
export function nextChangeOf({ event }: StockRows, now: Date): number | null {
  const instants = [salesEndOf(event).getTime(), endOf(event).getTime() + LIVE_AFTER_END_MS]
  const future = instants.filter((instant) => instant > now.getTime())
  return future.length === 0 ? null : Math.min(...future)
}

function softCapOf(event: Event, capacity: number) {
  const ratio = event.softCapRatio
  return { ratio, threshold: floorShare(ratio, capacity), redAlarm: event.redAlarmSince !== null }
}

function channelDto(channel: Channel, balances: Balances, velocityPerHour: number | null): StockChannelDto {
  const state = channelStateOf(channel, balances)
  const exposed = exposure(state)
  return {
    id: channel.id,
    platform: channel.platform,
    connectionId: channel.connectionId,
    externalEventId: channel.externalEventId,
    externalTicketClassId: channel.externalTicketClassId,
    label: channel.label,
    state: attachmentOf(channel),
    allocation: state.allocated,
    desiredCap: channel.desiredCap,
    confirmedCap: channel.confirmedCap,
    exposure: exposed === Infinity ? null : exposed,
    sold: state.sold,
    mode: channel.confirmedMode,
    velocityPerHour,
    lastWebhookAt: channel.lastWebhookAt?.toISOString() ?? null,
    lastConfirmedAt: channel.confirmedAt?.toISOString() ?? null,
  }
}

/**
 * `mode`: whether customers can hold. In a red alarm they can hold what is allocated to the direct channel, which no
 * platform can sell; unallocated units and the safety stock are sold manually then.
 */
function directDto(event: Event, balances: Balances, { selling, now }: StockSituation): StockChannelDto {
  const allocation = unitsOf(balances, allocated(DIRECT))
  const state = eventState(event, now)
  const open = selling && salesEndOf(event) > now && (state === 'ON_SALE' || (state === 'RED_ALARM' && allocation > 0))
  return {
    id: DIRECT.id,
    platform: DIRECT.id,
    allocation,
    sold: unitsOf(balances, sold(DIRECT)),
    held: balances.HELD,
    mode: open ? 'OPEN' : 'WAITLIST_ONLY',
  }
}
