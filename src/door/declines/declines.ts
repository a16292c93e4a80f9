import { Injectable } from '@nestjs/common'
import { AuditService } from '../../accounts/audit.service.js'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { listingOf } from '../../channels/channel-import.js'
import type { Channel } from '../../domain/channel-record.js'
import { NotFound, StateConflict, Unavailable } from '../../domain/errors.js'
import { withPlatform } from '../../infrastructure/prisma/channel-rows.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { OrderIngest } from '../../orders/order-ingest.js'
import { describeFailure } from '../../platforms/describe-failure.js'
import { Platforms } from '../../platforms/platforms.js'
import type { CallContext, Failure, PlatformAdapter } from '../../platforms/port.js'
import { CHECKED_IN_AT } from '../check-in-sql.js'
import type { DeclinedOrderDto } from './declines.dto.js'

const CONTEXT: CallContext = { lane: 'grow' }

/** An order with the channel that it was sold on; an order without an id there was counted, not read. */
interface PlatformOrder {
  id: string
  quantity: number
  externalOrderId: string
  channel: Channel
}

/** An operator declines a guest of a platform, such as one who has a seat elsewhere. Never done by the service itself. */
@Injectable()
export class Declines {
  constructor(
    private readonly prisma: PrismaService,
    private readonly platforms: Platforms,
    private readonly orders: OrderIngest,
    private readonly audit: AuditService,
  ) {}

  /**
   * The seats are free once the order is read again: here, or by the next delivery or sweep. An order without tickets is
   * returned as it is. Throws NotFound, StateConflict and Unavailable.
   */
  async decline(id: string, message: string, user: Pick<AuthenticatedUser, 'id'>): Promise<DeclinedOrderDto> {
    const order = await this.find(id)
    if (order.quantity > 0) await this.declineOnPlatform(order, message, user)
    const { eventId, platform, state, quantity } = await this.prisma.order.findUniqueOrThrow({ where: { id } })
    return { id, eventId, platform, state, quantity }
  }

  private async find(id: string): Promise<PlatformOrder> {
    const order = await this.prisma.order.findUnique({ where: { id }, include: { channel: true } })
    if (!order) throw new NotFound('There is no such order.')
    if (!order.channel) throw new StateConflict('A direct order is cancelled, not declined.')
    const { externalOrderId, quantity } = order
    const channel = withPlatform(order.channel)
    const canDecline = this.platforms.find(channel.connectionId)?.adapter.canDecline === true
    if (!canDecline || externalOrderId === null || channel.detachedAt !== null) {
      throw new StateConflict(`A person must cancel this order on ${channel.platform}.`)
    }
    return { id, quantity, externalOrderId, channel }
  }

  private async declineOnPlatform(order: PlatformOrder, message: string, user: Pick<AuthenticatedUser, 'id'>) {
    const { id, quantity, externalOrderId, channel } = order
    if (await this.isCheckedIn(order)) throw new StateConflict('A ticket of the order is checked in.')
    // Before the call, whose response may be lost.
    const details = { eventId: channel.eventId, platform: channel.platform, externalOrderId, message }
    await this.audit.record(user.id, 'order.decline', id, { quantity }, details)
    const adapter = this.platforms.of(channel)
    const result = await declineWith(adapter, channel, externalOrderId, message)
    if (result.kind !== 'OK') throw toError(result)
    const read = await adapter.getOrder(listingOf(channel), externalOrderId, CONTEXT)
    if (read.kind === 'OK' && read.value) await this.orders.ingest(channel, [read.value])
  }

  /** Also with a ticket of another type of the listing, which is a channel of its own. */
  private async isCheckedIn({ channel, externalOrderId }: PlatformOrder): Promise<boolean> {
    const [row] = await this.prisma.$queryRaw<{ checkedIn: boolean }[]>`
      SELECT EXISTS (
        SELECT 1 FROM orders o JOIN tickets t ON t.order_id = o.id LEFT JOIN check_ins c ON c.ticket_id = t.id
        WHERE o.event_id = ${channel.eventId} AND o.external_order_id = ${externalOrderId} AND t.state = 'VALID'
          AND ${CHECKED_IN_AT} IS NOT NULL
      ) AS "checkedIn"`
    return row?.checkedIn === true
  }
}

async function declineWith(adapter: PlatformAdapter, channel: Channel, orderId: string, message: string) {
  const unsupported: Failure = { kind: 'UNSUPPORTED', reason: 'a person must do it' }
  return (await adapter.declineOrder?.(listingOf(channel), orderId, message, CONTEXT)) ?? unsupported
}

function toError(failure: Failure): Error {
  switch (failure.kind) {
    case 'THROTTLED':
    case 'NOT_SENT':
    case 'UNAVAILABLE':
      return new Unavailable(`Nothing was changed, try again later (${describeFailure(failure)}).`)
    case 'UNKNOWN':
      return new Unavailable(`The response was lost. Try again: the guest is declined once (${failure.reason}).`)
    default:
      return new StateConflict(`Not declined (${describeFailure(failure)}).`)
  }
}
