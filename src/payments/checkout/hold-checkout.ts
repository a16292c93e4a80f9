import { Injectable, Logger } from '@nestjs/common'
import { includesRole, isStaff, type AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { Forbidden, HoldExpired, NotFound, StateConflict, ValidationFailed } from '../../domain/errors.js'
import { SystemMode } from '../../system-mode/system-mode.js'
import type { Hold } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { isOutage } from '../../infrastructure/errors/outage.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { ticketsOf } from '../../tickets/direct-orders.js'
import { holdDto, type BuyerBody, type ConfirmHoldBody, type HoldDto, type PaymentBody } from '../../holds/holds.dto.js'
import { HoldPayments } from '../../holds/hold-payments.js'
import { HoldResolution } from '../../holds/hold-resolution.js'

/** Operations on one hold by its owner or by staff. */
@Injectable()
export class HoldCheckout {
  private readonly logger = new Logger(HoldCheckout.name)

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly resolution: HoldResolution,
    private readonly payments: HoldPayments,
    private readonly mode: SystemMode,
  ) {}

  /** Throws NotFound for another customer's hold. */
  async get(id: string, user: AuthenticatedUser): Promise<HoldDto> {
    const hold = await this.find(id, user)
    return this.toDto(this.isOverdue(hold) ? await this.expire(hold) : hold)
  }

  /** Throws NotFound; StateConflict when it is confirmed or being paid; Forbidden for another user's hold as VIEWER. */
  async release(id: string, user: AuthenticatedUser): Promise<void> {
    const hold = await this.find(id, user)
    if (hold.accountId !== user.id && !includesRole(user.role, 'OPERATOR')) {
      throw new Forbidden(`Your role ${user.role} does not allow this.`)
    }
    const request = { holdId: id, action: 'release', buyer: null, by: user } as const
    const { state } = hold.state === 'HELD' ? await this.resolution.resolve(hold.eventId, request) : hold
    if (state === 'CONFIRMED') throw new StateConflict('The hold is already confirmed.')
    if (state === 'PAYMENT_PENDING') throw new StateConflict('The hold is being paid.')
  }

  /**
   * Buys the held tickets. Idempotent: a retry returns the first outcome. Throws NotFound, HoldExpired,
   * ValidationFailed when a required payment is missing, StateConflict after a release, Forbidden for staff who do not
   * own it, and FailSafe when it is still HELD in fail-safe mode.
   */
  async confirm(id: string, { buyer, payment }: ConfirmHoldBody, user: AuthenticatedUser): Promise<HoldDto> {
    const hold = await this.find(id, user)
    if (hold.accountId !== user.id) throw new Forbidden('Only the owner can confirm a hold.')
    return this.buy(hold, buyer, payment, user)
  }

  /** As `confirm`, after ownership was checked. `by` is null for a buyer without an account. */
  async buy(
    hold: Hold,
    buyer: BuyerBody,
    payment: PaymentBody | undefined,
    by: AuthenticatedUser | null,
  ): Promise<HoldDto> {
    if (hold.state !== 'HELD') return this.resultOf(hold)
    this.mode.assertAdmitting()
    if (!this.isOverdue(hold) && (await this.hasPrice(hold.eventId))) {
      if (!payment) throw ValidationFailed.of('payment', 'is required: this event has a price')
      const buyerRole = by && isStaff(by) ? 'STAFF' : 'CUSTOMER'
      return this.resultOf(await this.payments.start(hold, buyer, payment.token, buyerRole))
    }
    return this.resultOf(await this.resolution.resolve(hold.eventId, { holdId: hold.id, action: 'confirm', buyer, by }))
  }

  private async find(id: string, user: AuthenticatedUser): Promise<Hold> {
    const hold = await this.prisma.hold.findUnique({ where: { id } })
    if (!hold || (hold.accountId !== user.id && !isStaff(user))) throw new NotFound('There is no such hold.')
    return hold
  }

  private async hasPrice(eventId: string): Promise<boolean> {
    const { priceCents } = await this.prisma.event.findUniqueOrThrow({ where: { id: eventId } })
    return (priceCents ?? 0) > 0
  }

  private isOverdue({ state, expiresAt }: Hold): boolean {
    return state === 'HELD' && expiresAt <= this.clock.now()
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

  private resultOf(hold: Hold): Promise<HoldDto> {
    if (hold.state === 'EXPIRED' || this.isOverdue(hold))
      throw new HoldExpired('The hold has expired. Create a new one.')
    if (hold.state === 'RELEASED') throw new StateConflict('The hold was released.')
    return this.toDto(hold)
  }

  async toDto(hold: Hold): Promise<HoldDto> {
    const tickets = hold.orderId === null ? null : await ticketsOf(this.prisma, hold.orderId)
    const replacedBy = hold.state === 'PAYMENT_FAILED' ? await this.payments.replacementOf(hold.id) : null
    return { ...holdDto(hold, this.clock.now(), tickets), ...(replacedBy === null ? {} : { replacedBy }) }
  }
}
