import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { IsEmail, IsIn, IsInt, IsObject, IsString, Length, Max, MaxLength, Min, ValidateNested } from 'class-validator'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { SingleLine } from '../infrastructure/http/requests/single-line.js'
import { HoldDto, MAX_TTL_SECONDS } from '../holds/holds.dto.js'
import { PaymentBody, PaymentFormDto } from '../payments/checkout/checkout.dto.js'
import { BuyerBody } from '../tickets/tickets.dto.js'
import { ENTRY_STATES, type EntryState } from './waitlist-store.js'

const MAX_TICKETS_PER_SALE = 100
const MAX_POSITION = 1_000_000

export class JoinWaitlistBody {
  @ApiProperty()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  name!: string

  @ApiProperty({ example: 'jane@example.com' })
  @IsEmail()
  @MaxLength(254)
  email!: string

  @ApiProperty({ minimum: 1, maximum: MAX_TICKETS_PER_SALE })
  @IsInt()
  @Min(1)
  @Max(MAX_TICKETS_PER_SALE)
  quantity!: number
}

export class VerifyEntryBody {
  @ApiProperty({ description: 'From the e-mail after joining' })
  @IsString()
  @Length(1, 200)
  token!: string
}

export class MoveEntryBody {
  @ApiProperty({ minimum: 1, maximum: MAX_POSITION, description: 'Behind the last entry: it becomes the last one' })
  @IsInt()
  @Min(1)
  @Max(MAX_POSITION)
  position!: number
}

export class WaitlistQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ENTRY_STATES })
  @Optional()
  @IsIn(ENTRY_STATES)
  state?: EntryState
}

export class OfferBody {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_TTL_SECONDS, description: 'Default: 6 hours' })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(MAX_TTL_SECONDS)
  ttlSeconds?: number
}

export class ClaimBody {
  @ApiProperty({ description: 'From the offer e-mail' })
  @IsString()
  @Length(1, 200)
  token!: string

  @ApiPropertyOptional({ type: BuyerBody, description: 'Default: name and e-mail address of the entry' })
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => BuyerBody)
  buyer?: BuyerBody

  @ApiPropertyOptional({ type: PaymentBody, description: 'Required when the event has a price' })
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => PaymentBody)
  payment?: PaymentBody
}

export class JoinedDto {
  @ApiProperty() id!: string
  @ApiProperty({ description: 'Starts at 1; counts entries that are waiting or have an offer' }) position!: number
  @ApiProperty() leaveToken!: string
}

export class EntryDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: ENTRY_STATES }) state!: string
  @ApiProperty({ type: Number, nullable: true, description: 'Null: no longer on the waitlist' }) position!:
    number | null
  @ApiProperty() name!: string
  @ApiProperty() email!: string
  @ApiProperty() quantity!: number
  @ApiProperty({ description: 'Whether the owner of the address has confirmed it; before, it gets no automatic offer' })
  emailVerified!: boolean
  @ApiProperty({ type: String, nullable: true, description: 'The offered hold' }) holdId!: string | null
  @ApiProperty() createdAt!: string
  @ApiProperty({ type: String, nullable: true }) offeredAt!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'When the offer expires' }) expiresAt!: string | null
}

export class OwnEntryDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: ENTRY_STATES }) state!: string
  @ApiProperty({ type: Number, nullable: true }) position!: number | null
  @ApiProperty() quantity!: number
  @ApiProperty({ description: 'Whether the e-mail address is confirmed' }) emailVerified!: boolean
  @ApiProperty() eventName!: string
  @ApiProperty({ description: 'Whether a payment is required' }) priced!: boolean
  @ApiProperty({ description: 'To pay, in the smallest unit of the currency' }) amount!: number
  @ApiProperty({ description: 'ISO 4217' }) currency!: string
  @ApiProperty({ type: PaymentFormDto, description: 'How it is paid' }) payment!: PaymentFormDto
  @ApiProperty({ type: HoldDto, required: false, description: 'Present with an offer token' }) offer?: HoldDto
}
