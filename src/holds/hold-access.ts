import { Injectable, Logger } from '@nestjs/common'
import { isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { NotFound, StateConflict } from '../domain/errors.js'
import { isOverdue } from '../domain/hold.js'
import type { Hold } from '../domain/hold-record.js'
import { isOutage } from '../infrastructure/errors/outage.js'
import { Clock } from '../infrastructure/time/clock.js'
import { DirectOrders } from '../tickets/direct-orders.js'
import { HoldResolution } from './hold-resolution.js'
import { HoldStore } from './hold-store.js'
import { holdDto, type HoldDto } from './holds.dto.js'

/** One hold, read or released by its owner or by staff. */
@Injectable()
export class HoldAccess {
  private readonly logger = new Logger(HoldAccess.name)

  constructor(
    private readonly holds: HoldStore,
    private readonly directOrders: DirectOrders,
    private readonly clock: Clock,
    private readonly resolution: HoldResolution,
  ) {}

  /** Throws NotFound for another customer's hold. */
  async find(id: string, user: AuthenticatedUser): Promise<Hold> {
    const hold = await this.holds.find(id)
    if (!hold || (hold.accountId !== user.id && !isStaff(user))) throw new NotFound('There is no such hold.')
    return hold
  }

  /** Throws as `find`. */
  async get(id: string, user: AuthenticatedUser): Promise<HoldDto> {
    const hold = await this.find(id, user)
    const current = isOverdue(hold, this.clock.now()) ? await this.expire(hold) : hold
    return this.toDto(current, hold.accountId === user.id)
  }

  /** Throws NotFound; StateConflict when it is confirmed or being paid. */
  async release(id: string, user: AuthenticatedUser): Promise<void> {
    const hold = await this.find(id, user)
    const request = { holdId: id, action: 'release', buyer: null, by: user } as const
    const { state } = hold.state === 'HELD' ? await this.resolution.resolve(hold.eventId, request) : hold
    if (state === 'CONFIRMED') throw new StateConflict('The hold is already confirmed.')
    if (state === 'PAYMENT_PENDING') throw new StateConflict('The hold is being paid.')
  }

  /** `isBuyer`: also shows what only the buyer may see. */
  async toDto(hold: Hold, isBuyer = true): Promise<HoldDto> {
    const tickets = hold.orderId === null ? null : await this.directOrders.ticketsOf(hold.orderId)
    const replacedBy = hold.state === 'PAYMENT_FAILED' ? await this.holds.replacementOf(hold.id) : null
    const clientSecret = isBuyer && hold.state === 'PAYMENT_PENDING' ? await this.holds.clientSecretOf(hold.id) : null
    return {
      ...holdDto(hold, this.clock.now(), tickets),
      ...(replacedBy === null ? {} : { replacedBy }),
      ...(clientSecret === null ? {} : { nextAction: { type: 'AUTHENTICATE' as const, clientSecret } }),
    }
  }

  /** Reading an overdue hold expires it, so that the response agrees with the stock. */
  private async expire(hold: Hold): Promise<Hold> {
    try {
      return await this.resolution.resolve(hold.eventId, { holdId: hold.id, action: 'expire', buyer: null, by: null })
    } catch (error) {
      if (!isOutage(error)) throw error
      this.logger.debug(
        { err: error, holdId: hold.id },
        'failed to expire an overdue hold on read; the sweep will retry',
      )
      return hold
    }
  }
}
