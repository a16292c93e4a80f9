import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsString, Length, Matches } from 'class-validator'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { PAYMENT_STATES, type Payment } from './payment-store.js'

const STATE_FILTERS = [...PAYMENT_STATES, 'STUCK'] as const

export class PaymentsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATE_FILTERS, description: 'STUCK: needs an operator, in any state' })
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
  @IsString()
  @Length(1, 500)
  @Matches(/\S/, { message: '$property must not be blank' })
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
}

export function paymentDto(payment: Payment): PaymentDto {
  const { id, holdId, eventId, state, amount, currency, provider, reference, reason } = payment
  const { attempts, lastError, stuckSince, replacementHoldId, createdAt, settledAt, refundedAt } = payment
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
  }
}
