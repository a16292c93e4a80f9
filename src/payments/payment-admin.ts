import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { NotFound, StateConflict, ValidationFailed } from '../domain/errors.js'
import { SystemMode } from '../system-mode/system-mode.js'
import { Clock } from '../infrastructure/time/clock.js'
import { readCursor, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { paymentDto, type PaymentDto, type PaymentsQuery, type SettlePaymentBody } from './payments.dto.js'
import { PaymentStore, type Payment } from './payment-store.js'
import { PaymentProcessor } from './processing/payment-processor.js'
import { PaymentRows } from './processing/payment-rows.js'

/** Payments for staff: listing them and settling those that are stuck. */
@Injectable()
export class PaymentAdmin {
  constructor(
    private readonly payments: PaymentStore,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly mode: SystemMode,
    private readonly rows: PaymentRows,
    private readonly processor: PaymentProcessor,
  ) {}

  async list({ state, eventId, cursor, limit }: PaymentsQuery): Promise<Page<PaymentDto>> {
    const inState = state === 'STUCK' ? { stuck: true } : state === 'DISPUTED' ? { disputed: true } : { state }
    const rows = await this.payments.newest({ ...inState, eventId, before: readCursor(cursor) }, limit + 1)
    return toPage(rows, limit, paymentDto)
  }

  async get(id: string): Promise<PaymentDto> {
    return paymentDto(await this.find(id))
  }

  /**
   * Retries the payment now, or abandons it; returns the updated payment. Throws NotFound, ValidationFailed for
   * abandoning without a reason, FailSafe, and StateConflict when it is final or being processed.
   */
  async settle(id: string, { outcome, reason }: SettlePaymentBody, user: AuthenticatedUser): Promise<PaymentDto> {
    if (outcome === 'FAILED' && reason === undefined)
      throw ValidationFailed.of('reason', 'is required to abandon the payment')
    this.mode.assertAdmitting()
    const before = await this.find(id)
    const { state, leasedUntil } = before
    if (state === 'SUCCEEDED' || state === 'REFUNDED') throw new StateConflict(`The payment is already ${state}.`)
    if (leasedUntil && leasedUntil > this.clock.now()) throw new StateConflict('The payment is being processed.')
    await this.rows.markDue({ id })
    if (outcome === 'FAILED') await this.processor.abandon(id)
    else await this.processor.process(id, { byOperator: true })
    const after = await this.find(id)
    const states = [{ state }, { state: after.state, outcome, reason }] as const
    await this.audit.record(user.id, 'payment.settle', id, ...states)
    return paymentDto(after)
  }

  private async find(id: string): Promise<Payment> {
    const payment = await this.payments.find(id)
    if (!payment) throw new NotFound('There is no such payment.')
    return payment
  }
}
