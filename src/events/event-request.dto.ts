import { applyDecorators } from '@nestjs/common'
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Transform, Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsString,
  IsTimeZone,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator'
import { MAX_CHANNELS } from '../channels/attachment.js'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { isCurrency, MAX_AMOUNT } from '../domain/currency.js'
import { EVENT_STATES, type EventState } from '../domain/events/event-state.js'
import { WAITLIST_POLICIES, type WaitlistPolicy } from '../domain/events/waitlist-policy.js'
import { DEFAULT_CUSTOMER_LIMIT } from '../domain/events/customer-limit.js'
import { MAX_SEATS } from '../domain/events/seat-chart.js'
import { IsInstant } from '../infrastructure/http/requests/instant.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { FilledLine, SingleLine } from '../infrastructure/http/requests/single-line.js'

/** Ids are opaque: any text that fits the column and a log line. */
export function PlatformId(): PropertyDecorator {
  const message = '$property must be text of 1 to 200 characters without control characters'
  return Matches(/^\P{Cc}{1,200}$/u, { message })
}

export const MAX_LABEL_LENGTH = 100

export class ChannelBody {
  @ApiProperty({ enum: PLATFORMS })
  @IsIn(PLATFORMS)
  platform!: Platform

  @ApiPropertyOptional({ description: 'The account that drives it; may be left out where the platform has one' })
  @Optional()
  @PlatformId()
  connectionId?: string

  @ApiProperty({ description: "The listing: the platform's event id" })
  @PlatformId()
  externalEventId!: string

  @ApiPropertyOptional({ description: 'Only this ticket class or type; without it the whole event' })
  @Optional()
  @PlatformId()
  externalTicketClassId?: string

  @ApiPropertyOptional({ default: 1, minimum: 0 })
  @Optional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(1_000_000)
  weight?: number

  @ApiPropertyOptional({ minimum: 0, description: 'Limit for the cap of this channel; absent: none' })
  @Optional()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  maxUnits?: number

  @ApiPropertyOptional({ description: 'What staff call the channel' })
  @Optional()
  @FilledLine(MAX_LABEL_LENGTH)
  label?: string
}

function IsCurrency(): PropertyDecorator {
  return ValidateBy({
    name: 'isCurrency',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isCurrency(value),
      defaultMessage: () => '$property must be a currency that can be paid in (ISO 4217)',
    },
  })
}

/** Tickets that one customer can have; null: any number. */
function CustomerLimit(note: string): PropertyDecorator {
  const description = `Tickets that one customer can hold and have bought; null: no limit. ${note}`
  return applyDecorators(
    ApiPropertyOptional({ type: Number, minimum: 1, maximum: 1_000_000, nullable: true, description }),
    ValidateIf((_object, value) => value !== undefined && value !== null),
    IsInt(),
    Min(1),
    Max(1_000_000),
  )
}

/** Part of a seat label: text or a number. */
function SeatPart(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (Number.isInteger(value) ? String(value) : value)),
    Matches(/^[^\s\p{Cc}]([^\p{Cc}\u2028\u2029]{0,38}[^\s\p{Cc}])?$/u, {
      message: '$property must be 1 to 40 characters without spaces at its ends',
    }),
  )
}

export class SeatRowBody {
  @ApiProperty({ example: 'A' })
  @SeatPart()
  row!: string

  @ApiProperty({ description: 'Its seats are numbered from 1', minimum: 1, maximum: MAX_SEATS })
  @IsInt()
  @Min(1)
  @Max(MAX_SEATS)
  count!: number
}

export class SeatSectionBody {
  @ApiProperty({ example: 'Stalls' })
  @SeatPart()
  section!: string

  @ApiProperty({ type: [SeatRowBody] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1_000)
  @ValidateNested({ each: true })
  @Type(() => SeatRowBody)
  rows!: SeatRowBody[]
}

export class CreateEventBody {
  @ApiProperty()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  name!: string

  @ApiProperty({ format: 'date-time' })
  @IsInstant()
  startsAt!: string

  @ApiPropertyOptional({ format: 'date-time', description: 'Defaults to 6 hours after the start' })
  @Optional()
  @IsInstant()
  endsAt?: string

  @ApiPropertyOptional({ format: 'date-time', description: 'Until when customers may buy; defaults to the start' })
  @Optional()
  @IsInstant()
  salesEndAt?: string

  @ApiProperty({ minimum: 1, maximum: 1_000_000 })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  capacity!: number

  @ApiPropertyOptional()
  @Optional()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  venue?: string

  @ApiPropertyOptional({ default: 'UTC', description: 'IANA time zone' })
  @Optional()
  @IsTimeZone()
  timezone?: string

  @ApiPropertyOptional({ description: 'Above 0, at most 1' })
  @Optional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(Number.MIN_VALUE, { message: '$property must be above 0' })
  @Max(1)
  softCapRatio?: number

  @ApiPropertyOptional({ minimum: 0, maximum: 0.9 })
  @Optional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(0.9)
  safetyStockRatio?: number

  @ApiPropertyOptional({ minimum: 0, description: '0 or absent: free' })
  @Optional()
  @IsInt()
  @Min(0)
  @Max(MAX_AMOUNT)
  priceCents?: number

  @ApiPropertyOptional({ example: 'EUR' })
  @Optional()
  @Matches(/^[A-Z]{3}$/, { message: '$property must be three capital letters (ISO 4217)' })
  @IsCurrency()
  currency?: string

  @ApiPropertyOptional({ type: [ChannelBody] })
  @Optional()
  @IsArray()
  @ArrayMaxSize(MAX_CHANNELS)
  @ValidateNested({ each: true })
  @Type(() => ChannelBody)
  channels?: ChannelBody[]

  @ApiPropertyOptional({ minimum: 0, description: 'Defaults to 0 with channels and to 1 without' })
  @Optional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(1_000_000)
  directWeight?: number

  @CustomerLimit(`Defaults to ${DEFAULT_CUSTOMER_LIMIT}`)
  maxHeldPerCustomer?: number | null

  @ApiPropertyOptional({ enum: WAITLIST_POLICIES, default: 'MANUAL', description: 'Who offers free tickets' })
  @Optional()
  @IsIn(WAITLIST_POLICIES)
  waitlistPolicy?: WaitlistPolicy

  @ApiPropertyOptional({
    type: [SeatSectionBody],
    description:
      'The seat chart in order, at most 50,000 seats and no more than the capacity. With a chart, direct tickets are ' +
      'held by seat; tickets sold on platforms, and safety stock sold by quantity, have no seat',
  })
  @Optional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1_000)
  @ValidateNested({ each: true })
  @Type(() => SeatSectionBody)
  seats?: SeatSectionBody[]
}

export class PatchEventBody {
  @ApiPropertyOptional()
  @Optional()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  name?: string

  @ApiPropertyOptional()
  @Optional()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  venue?: string

  @ApiPropertyOptional({ format: 'date-time' })
  @Optional()
  @IsInstant()
  startsAt?: string

  @ApiPropertyOptional({ format: 'date-time' })
  @Optional()
  @IsInstant()
  endsAt?: string

  @ApiPropertyOptional({ format: 'date-time' })
  @Optional()
  @IsInstant()
  salesEndAt?: string

  @ApiPropertyOptional({ minimum: 1, maximum: 1_000_000 })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  capacity?: number

  @ApiPropertyOptional()
  @Optional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(Number.MIN_VALUE, { message: '$property must be above 0' })
  @Max(1)
  softCapRatio?: number

  @ApiPropertyOptional({
    minimum: 0,
    maximum: 0.9,
    description: 'Lowering it frees safety stock: ADMIN, with a reason',
  })
  @Optional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(0.9)
  safetyStockRatio?: number

  @ApiPropertyOptional({ minimum: 0, description: 'Per ticket, for later holds; 0: free' })
  @Optional()
  @IsInt()
  @Min(0)
  @Max(MAX_AMOUNT)
  priceCents?: number

  @ApiPropertyOptional({ minimum: 0, description: 'The units are split by weight again' })
  @Optional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(1_000_000)
  directWeight?: number

  @CustomerLimit('Applies to later holds')
  maxHeldPerCustomer?: number | null

  @ApiPropertyOptional({ description: 'Required to lower `safetyStockRatio`' })
  @Optional()
  @FilledLine(500)
  reason?: string

  @ApiPropertyOptional({ enum: WAITLIST_POLICIES })
  @Optional()
  @IsIn(WAITLIST_POLICIES)
  waitlistPolicy?: WaitlistPolicy
}

const TASK_STATES = ['OPEN'] as const

export class EventsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Part of the name or venue' })
  @Optional()
  @IsString()
  @Length(1, 200)
  q?: string

  @ApiPropertyOptional({ enum: EVENT_STATES })
  @Optional()
  @IsIn(EVENT_STATES)
  state?: EventState

  @ApiPropertyOptional({ description: 'Live events with a channel that this account drives' })
  @Optional()
  @PlatformId()
  connectionId?: string

  @ApiPropertyOptional({ enum: TASK_STATES, description: 'Live events with a task of a person' })
  @Optional()
  @IsIn(TASK_STATES)
  task?: (typeof TASK_STATES)[number]
}
