import { Injectable, Logger } from '@nestjs/common'
import { includesRole, isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { Forbidden, HoldExpired, NotFound, StateConflict, ValidationFailed } from '../domain/errors.js'
import { SystemMode } from '../fail-safe/system-mode.js'
import type { Hold } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { isOutage } from '../infrastructure/outage.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { ticketsOf } from './direct-orders.js'
import { holdDto, type HoldDto } from './hold-answers.js'
import type { BuyerBody, ConfirmHoldBody, PaymentBody } from './hold-bodies.js'
import { HoldPayments } from './hold-payments.js'
import { HoldResolution } from './hold-resolution.js'

/** What the owner of a hold, or staff, does with it. */
@Injectable()
export class HoldCheckout {
  private readonly logger = new Logger(HoldCheckout.name)

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly settling: HoldResolution,
    private readonly payments: HoldPayments,
    private readonly mode: SystemMode,
  ) {}

  /** Throws NotFound for what is not the caller's own, unless they are staff. */
  async get(id: string, account: AuthenticatedUser): Promise<HoldDto> {
    const hold = await this.find(id, account)
    return this.show(this.isOverdue(hold) ? await this.expire(hold) : hold)
  }

  /** Throws NotFound; StateConflict when it is confirmed or being paid; Forbidden for staff who only look. */
  async release(id: string, account: AuthenticatedUser): Promise<void> {
    const hold = await this.find(id, account)
    if (hold.accountId !== account.id && !includesRole(account.role, 'OPERATOR')) {
      throw new Forbidden(`Your role ${account.role} does not allow this.`)
    }
    const wish = { holdId: id, action: 'release', buyer: null, by: account } as const
    const { state } = hold.state === 'HELD' ? await this.settling.settle(hold.eventId, wish) : hold
    if (state === 'CONFIRMED') throw new StateConflict('The hold is confirmed already.')
    if (state === 'PAYMENT_PENDING') throw new StateConflict('The hold is being paid.')
  }

  /**
   * Buys what is held; repeating it answers what came of the first time. Throws NotFound, HoldExpired, ValidationFailed
   * without a payment where one is needed, StateConflict after a release, Forbidden for staff who do not own it,
   * FailSafe while it is not settled yet and nothing is sold.
   */
  async confirm(id: string, { buyer, payment }: ConfirmHoldBody, account: AuthenticatedUser): Promise<HoldDto> {
    const hold = await this.find(id, account)
    if (hold.accountId !== account.id) throw new Forbidden('Only its owner confirms a hold.')
    return this.buy(hold, buyer, payment, account)
  }

  /** As `confirm`, for somebody who is known to own the hold; null: without an account. */
  async buy(
    hold: Hold,
    buyer: BuyerBody,
    payment: PaymentBody | undefined,
    by: AuthenticatedUser | null,
  ): Promise<HoldDto> {
    if (hold.state !== 'HELD') return this.outcome(hold)
    this.mode.assertAdmitting()
    if (!this.isOverdue(hold) && (await this.hasPrice(hold.eventId))) {
      if (!payment) throw ValidationFailed.of('payment', 'is needed: this event has a price')
      const as = by && isStaff(by) ? 'STAFF' : 'CUSTOMER'
      return this.outcome(await this.payments.begin(hold, buyer, payment.token, as))
    }
    return this.outcome(await this.settling.settle(hold.eventId, { holdId: hold.id, action: 'confirm', buyer, by }))
  }

  private async find(id: string, account: AuthenticatedUser): Promise<Hold> {
    const hold = await this.prisma.hold.findUnique({ where: { id } })
    if (!hold || (hold.accountId !== account.id && !isStaff(account))) throw new NotFound('There is no such hold.')
    return hold
  }

  private async hasPrice(eventId: string): Promise<boolean> {
    const { priceCents } = await this.prisma.event.findUniqueOrThrow({ where: { id: eventId } })
    return (priceCents ?? 0) > 0
  }

  private isOverdue({ state, expiresAt }: Hold): boolean {
    return state === 'HELD' && expiresAt <= this.clock.now()
  }

  /** Whoever looks at an overdue hold ends it, so that what they see and the stock agree. */
  private async expire(hold: Hold): Promise<Hold> {
    try {
      return await this.settling.settle(hold.eventId, { holdId: hold.id, action: 'expire', buyer: null, by: null })
    } catch (error) {
      if (!isOutage(error)) throw error
      this.logger.debug({ err: error, holdId: hold.id }, 'an overdue hold is left to the sweep')
      return hold
    }
  }

  private outcome(hold: Hold): Promise<HoldDto> {
    if (hold.state === 'EXPIRED' || this.isOverdue(hold)) throw new HoldExpired('The hold has expired; hold again.')
    if (hold.state === 'RELEASED') throw new StateConflict('The hold was released.')
    return this.show(hold)
  }

  async show(hold: Hold): Promise<HoldDto> {
    const tickets = hold.orderId === null ? null : await ticketsOf(this.prisma, hold.orderId)
    const replacedBy = hold.state === 'PAYMENT_FAILED' ? await this.payments.replacementOf(hold.id) : null
    return { ...holdDto(hold, this.clock.now(), tickets), ...(replacedBy === null ? {} : { replacedBy }) }
  }
}
