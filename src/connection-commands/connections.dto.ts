import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger'
import { IsIn, IsObject, IsString, MaxLength } from 'class-validator'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { FilledLine } from '../infrastructure/http/requests/single-line.js'
import type { ListedPage } from './connection-listings.js'

const STATES = ['READY', 'REFUSED', 'UNREACHABLE', 'UNCHECKED'] as const
const WEBHOOK_STATES = ['REGISTERED', 'POLLED', 'MISSING'] as const
export type WebhookState = (typeof WEBHOOK_STATES)[number]

const CREDENTIALS = {
  type: 'object',
  additionalProperties: { type: 'string' },
  description:
    'EVENTBRITE `{token}`, LUMA `{apiKey, webhookSecret?}`, MEETUP `{accessToken}` or `{clientKey, memberId, signingKeyId, privateKey}`, MANUAL `{}`. Never returned',
} as const

export class NewConnectionBody {
  @ApiProperty({ enum: PLATFORMS })
  @IsIn(PLATFORMS)
  platform!: Platform

  @ApiProperty({ description: 'What staff call the account' })
  @FilledLine(100)
  label!: string

  @ApiProperty(CREDENTIALS)
  @IsObject()
  credentials!: object
}

export class PatchConnectionBody {
  @ApiPropertyOptional({ description: 'What staff call the account' })
  @Optional()
  @FilledLine(100)
  label?: string

  @ApiPropertyOptional(CREDENTIALS)
  @Optional()
  @IsObject()
  credentials?: object
}

export class ListingsQuery extends PickType(PageQuery, ['limit']) {
  @ApiPropertyOptional({ description: 'Part of the name' })
  @Optional()
  @IsString()
  @MaxLength(200)
  q?: string

  @ApiPropertyOptional({ description: 'The `nextCursor` of the previous page.' })
  @Optional()
  @IsString()
  // It contains the position on the platform.
  @MaxLength(4_000)
  cursor?: string
}

export class AccountDto {
  @ApiProperty() id!: string
  @ApiProperty({ type: String, nullable: true }) name!: string | null
}

export class ConnectionDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty() label!: string
  @ApiProperty({ description: 'Its credentials are variables; it cannot be changed here' }) fromEnvironment!: boolean
  @ApiProperty({ enum: STATES }) state!: string
  @ApiProperty({ type: String, nullable: true }) checkedAt!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Why it is not READY, or what the account may not do' })
  detail!: string | null
  @ApiProperty({ type: AccountDto, nullable: true, description: 'Null: not known yet' }) account!: AccountDto | null
  @ApiProperty({ enum: WEBHOOK_STATES, description: 'How sales are noticed; MISSING: by sweeps only' })
  webhook!: WebhookState
  @ApiProperty({ description: 'Channels of live events that use it' }) channels!: number
}

export class ConnectionsDto {
  @ApiProperty({ type: [ConnectionDto] }) items!: ConnectionDto[]
}

export class ListedTicketTypeDto {
  @ApiProperty() externalTicketClassId!: string
  @ApiProperty() name!: string
  @ApiProperty({ type: Number, nullable: true }) capacity!: number | null
  @ApiProperty({ type: Number, nullable: true }) sold!: number | null
  @ApiProperty({ type: Number, nullable: true }) priceCents!: number | null
  @ApiProperty({ type: String, nullable: true }) currency!: string | null
  @ApiProperty({ description: 'Buyers do not see it' }) hidden!: boolean
}

/** Null: the platform does not show it, or there is no limit. */
export class ListingDto {
  @ApiProperty() externalEventId!: string
  @ApiProperty() name!: string
  @ApiProperty({ type: String, nullable: true }) startsAt!: string | null
  @ApiProperty({ type: String, nullable: true }) timezone!: string | null
  @ApiProperty({ type: String, nullable: true }) url!: string | null
  @ApiProperty({ type: Number, nullable: true }) capacity!: number | null
  @ApiProperty({ type: Number, nullable: true }) sold!: number | null
  @ApiProperty({ type: String, nullable: true, description: 'Our event that drives it already' })
  eventId!: string | null
  @ApiProperty({ type: [ListedTicketTypeDto] }) ticketTypes!: ListedTicketTypeDto[]
}

export class ListingsDto {
  @ApiProperty({ type: [ListingDto] }) items!: ListingDto[]
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null
}

export function listingsDto({ listings, nextCursor, eventIds }: ListedPage): ListingsDto {
  const items = listings.map(({ startsAt, ...listing }) => ({
    ...listing,
    startsAt: startsAt?.toISOString() ?? null,
    eventId: eventIds.get(listing.externalEventId) ?? null,
  }))
  return { items, nextCursor }
}
