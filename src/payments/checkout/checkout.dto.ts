import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { IsObject, IsString, Length, ValidateNested } from 'class-validator'
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
