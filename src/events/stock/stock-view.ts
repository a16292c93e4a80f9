import { Injectable } from '@nestjs/common'
import { attachmentOf } from '../../channels/attachment.js'
import { byListingOrder, channelStateOf } from '../../channels/channel-state.js'
import { SalesVelocity } from '../../rebalancing/sales-velocity.js'
import { DIRECT } from '../../domain/channel.js'
import { allocated, capacityOf, sold, soldTotal, unitsOf, type Balances } from '../../domain/stock/ledger-account.js'
import { eventState, salesEndOf } from '../../domain/events/event-state.js'
import { withheldOf } from '../../domain/caps/withheld-units.js'
import { exposure } from '../../domain/caps/exposure.js'
import { ceilShare, floorShare } from '../../domain/stock/ratio.js'
import { SystemMode } from '../../system-mode/system-mode.js'
import type { Event } from '../../generated/prisma/client.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { balancesOf, WITH_BALANCES } from '../../infrastructure/prisma/balance-rows.js'
import { eventNotFound } from '../../domain/errors.js'
import type { StockChannelDto, StockDto } from './stock.dto.js'
import { withChannels } from '../../infrastructure/prisma/channel-rows.js'

/** The event's stock according to the ledger, in one read. */
@Injectable()
export class StockView {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly velocity: SalesVelocity,
    private readonly mode: SystemMode,
  ) {}

  /** Throws NotFound. */
  async of(eventId: string): Promise<StockDto> {
    const event = await this.prisma.event.findUnique({
      where: { id: eventId },
      include: { channels: true, ledger: WITH_BALANCES },
    })
    if (!event?.ledger) throw eventNotFound()
    const balances = balancesOf(event.ledger)
    const velocities = await this.velocity.perHour(eventId)
    const capacity = capacityOf(balances)
    const taken = soldTotal(balances)
    const now = this.clock.now()
    return {
      eventId,
      capacity,
      sold: taken,
      held: balances.HELD,
      available: capacity - taken - balances.HELD,
      unallocated: balances.UNALLOCATED,
      inTransit: balances.IN_TRANSIT,
      state: eventState(event, now),
      safetyStock: {
        total: ceilShare(event.safetyStockRatio, capacity),
        remaining: balances.SAFETY,
        freed: withheldOf(event, balances),
      },
      softCap: softCapOf(event, capacity),
      channels: [
        ...byListingOrder(withChannels(event).channels).map((channel) =>
          channelDto(channel, balances, velocities.get(channel.id) ?? null),
        ),
        directDto(event, balances, this.mode.current() === 'NORMAL', now),
      ],
      oversold: Math.abs(balances.OVERSOLD),
      epoch: event.ledger.epoch,
      asOf: now.toISOString(),
    }
  }
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
function directDto(event: Event, balances: Balances, selling: boolean, now: Date): StockChannelDto {
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
