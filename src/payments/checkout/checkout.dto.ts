import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { IsObject, IsString, Length, ValidateNested } from 'class-validator'
import { PAYMENT_METHODS } from '../../infrastructure/config/config.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { BuyerBody } from '../../tickets/tickets.dto.js'

export class PaymentBody {
  @ApiProperty({ description: 'Issued by the payment provider' })
  @IsString()
  @Length(1, 500)
  token!: string
}

export class ConfirmHoldBody {
  @ApiProperty({ type: BuyerBody })
  @IsObject()
  @ValidateNested()
  @Type(() => BuyerBody)
  buyer!: BuyerBody

  @ApiPropertyOptional({ type: PaymentBody, description: 'Required when the event has a price' })
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => PaymentBody)
  payment?: PaymentBody
}

/** What a page needs to show the provider's own payment form. */
export class PaymentFormDto {
  @ApiProperty({ enum: PAYMENT_METHODS, description: 'none: tickets with a price are not sold here' })
  provider!: (typeof PAYMENT_METHODS)[number]
  @ApiProperty({ type: String, nullable: true, description: "For the provider's library; null: none is configured" })
  publishableKey!: string | null
}
