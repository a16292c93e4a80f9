import { FilledLine } from '../infrastructure/http/requests/single-line.js'
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsString, Length } from 'class-validator'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { DISPUTE_STATES, PAYMENT_STATES, REFUND_STATES, type Payment } from './payment-store.js'

const STATE_FILTERS = [...PAYMENT_STATES, 'STUCK', 'DISPUTED'] as const

export class PaymentsQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: STATE_FILTERS,
    description: 'STUCK: needs an operator, DISPUTED: by the buyer at the bank; in any state',
  })
  @Optional()
  @IsIn(STATE_FILTERS)
  state?: (typeof STATE_FILTERS)[number]

  @ApiPropertyOptional()
  @Optional()
  @IsString()
  @Length(1, 100)
  eventId?: string
}

export class SettlePaymentBody {
  @ApiPropertyOptional({
    enum: ['FAILED'],
    description: 'Abandons the payment and returns the stock, unless the provider reports it as paid',
  })
  @Optional()
  @IsIn(['FAILED'])
  outcome?: 'FAILED'

  @ApiPropertyOptional()
  @Optional()
  @FilledLine(500)
  reason?: string
}

export class PaymentDto {
  @ApiProperty() id!: string
  @ApiProperty() holdId!: string
  @ApiProperty() eventId!: string
  @ApiProperty({ enum: PAYMENT_STATES }) state!: string
  @ApiProperty({ description: 'In the smallest unit of the currency' }) amount!: number
  @ApiProperty() currency!: string
  @ApiProperty() provider!: string
  @ApiProperty({ type: String, nullable: true, description: "The provider's id of the payment" }) reference!:
    string | null
  @ApiProperty({ type: String, nullable: true, description: 'Why it failed' }) reason!: string | null
  @ApiProperty() attempts!: number
  @ApiProperty({ type: String, nullable: true }) lastError!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Since when it needs an operator' })
  stuckSince!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'The hold bought by a late payment' })
  replacementHoldId!: string | null
  @ApiProperty() createdAt!: string
  @ApiProperty({ type: String, nullable: true }) settledAt!: string | null
  @ApiProperty({ type: String, nullable: true }) refundedAt!: string | null
  @ApiProperty({ description: 'Went back to the buyer, in the smallest unit of the currency' }) refundedAmount!: number
  @ApiProperty({ enum: REFUND_STATES, nullable: true, description: 'Of the refund at the provider; null: none' })
  refundState!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Why the refund failed' }) refundFailure!: string | null
  @ApiProperty({ enum: DISPUTE_STATES, nullable: true, description: 'OPEN: the amount is withheld; null: none' })
  disputeState!: string | null
  @ApiProperty({ type: String, nullable: true }) disputedAt!: string | null
}

export function paymentDto(payment: Payment): PaymentDto {
  const { id, holdId, eventId, state, amount, currency, provider, reference, reason } = payment
  const { attempts, lastError, stuckSince, replacementHoldId, createdAt, settledAt, refundedAt } = payment
  const { refundedAmount, refundState, refundFailure, disputeState, disputedAt } = payment
  return {
    id,
    holdId,
    eventId,
    state,
    amount: Number(amount),
    currency,
    provider,
    reference,
    reason,
    attempts,
    lastError,
    replacementHoldId,
    stuckSince: stuckSince?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    settledAt: settledAt?.toISOString() ?? null,
    refundedAt: refundedAt?.toISOString() ?? null,
    refundedAmount: Number(refundedAmount),
    refundState,
    refundFailure,
    disputeState,
    disputedAt: disputedAt?.toISOString() ?? null,
  }
}
