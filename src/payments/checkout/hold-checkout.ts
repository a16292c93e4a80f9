import { Injectable } from '@nestjs/common'
import { isStaff, type AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { Forbidden, HoldExpired, StateConflict, ValidationFailed } from '../../domain/errors.js'
import { isOverdue } from '../../domain/hold.js'
import type { Hold } from '../../domain/hold-record.js'
import { HoldAccess } from '../../holds/hold-access.js'
import { HoldResolution } from '../../holds/hold-resolution.js'
import type { HoldDto } from '../../holds/holds.dto.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { SystemMode } from '../../system-mode/system-mode.js'
import type { BuyerBody } from '../../tickets/tickets.dto.js'
import { PaymentProviders } from '../providers/payment-providers.js'
import type { ConfirmHoldBody, PaymentBody } from './checkout.dto.js'
import { PaymentStart } from './payment-start.js'

/** Buys held tickets: at once when they are free, else by a payment. */
@Injectable()
export class HoldCheckout {
  constructor(
    private readonly clock: Clock,
    private readonly holds: HoldAccess,
    private readonly resolution: HoldResolution,
    private readonly payments: PaymentStart,
    private readonly providers: PaymentProviders,
    private readonly mode: SystemMode,
  ) {}

  /**
   * Idempotent: a retry returns the first outcome. Throws NotFound, HoldExpired, ValidationFailed when a required
   * payment is missing, StateConflict after a release or when no provider takes payments, RateLimited after too many
   * declined payments, Forbidden for staff who do not own it, and FailSafe when it is still HELD in fail-safe mode.
   */
  async confirm(id: string, { buyer, payment }: ConfirmHoldBody, user: AuthenticatedUser): Promise<HoldDto> {
    const hold = await this.holds.find(id, user)
    if (hold.accountId !== user.id) throw new Forbidden('Only the owner can confirm a hold.')
    return this.buy(hold, buyer, payment, user, user.email)
  }

  /** As `confirm`, after ownership was checked. `by` is null for a buyer without an account. `ownEmail`: the owner's. */
  async buy(
    hold: Hold,
    buyer: BuyerBody,
    payment: PaymentBody | undefined,
    by: AuthenticatedUser | null,
    ownEmail: string,
  ): Promise<HoldDto> {
    if (hold.state !== 'HELD') return this.resultOf(hold)
    this.mode.assertAdmitting()
    const hasPrice = hold.priceCents > 0
    if (hasPrice && !isOverdue(hold, this.clock.now())) {
      this.providers.require()
      if (!payment) throw ValidationFailed.of('payment', 'is required: these tickets have a price')
      const buyerRole = by && isStaff(by) ? 'STAFF' : 'CUSTOMER'
      return this.resultOf(await this.payments.start(hold, { buyer, token: payment.token, buyerRole, ownEmail }))
    }
    // Not `confirm` for a price: the clock may step back before the hold is resolved, which would sell it without a payment.
    const action = hasPrice ? 'expire' : 'confirm'
    return this.resultOf(await this.resolution.resolve(hold.eventId, { holdId: hold.id, action, buyer, by }))
  }

  /** A hold that is still HELD was overdue when it was to be bought. */
  private resultOf(hold: Hold): Promise<HoldDto> {
    if (hold.state === 'EXPIRED' || hold.state === 'HELD') {
      throw new HoldExpired('The hold has expired. Create a new one.')
    }
    if (hold.state === 'RELEASED') throw new StateConflict('The hold was released.')
    return this.holds.toDto(hold)
  }
}
