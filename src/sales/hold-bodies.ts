import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'
import { HOLD_SOURCES, type HoldSource } from '../domain/hold.js'
import { Optional } from '../infrastructure/http/optional.js'

export const MAX_TICKETS = 100_000
const MAX_SEATS_AT_ONCE = 1_000
export const MAX_TTL_SECONDS = 86_400

export class TakeHoldBody {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_TICKETS, description: 'This or `seats`' })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(MAX_TICKETS)
  quantity?: number

  @ApiPropertyOptional({ type: [String], example: ['Stalls-A-7'], description: 'All or none of them are held' })
  @Optional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_SEATS_AT_ONCE)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  @ArrayUnique({ message: '$property must name a seat once' })
  seats?: string[]

  @ApiPropertyOptional({ enum: HOLD_SOURCES, default: 'DIRECT', description: 'SAFETY_STOCK: operators only' })
  @Optional()
  @IsIn(HOLD_SOURCES)
  source?: HoldSource

  @ApiPropertyOptional({ minimum: 1, maximum: MAX_TTL_SECONDS, description: 'Customers: up to the default' })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(MAX_TTL_SECONDS)
  ttlSeconds?: number
}

export class BuyerBody {
  @ApiProperty()
  @IsString()
  @Length(1, 200)
  name!: string

  @ApiProperty({ example: 'jane@example.com' })
  @IsEmail()
  @MaxLength(254)
  email!: string
}

export class PaymentBody {
  @ApiProperty({ description: 'From the payment provider' })
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

  @ApiPropertyOptional({ type: PaymentBody, description: 'Needed where the event has a price' })
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => PaymentBody)
  payment?: PaymentBody
}
