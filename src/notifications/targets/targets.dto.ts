import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsString, Length } from 'class-validator'
import type { NotificationTarget } from '../../generated/prisma/client.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { FilledLine } from '../../infrastructure/http/requests/single-line.js'
import { NOTIFICATION_EVENTS, TARGET_KINDS, type NotificationEvent, type TargetKind } from '../kinds.js'

const MAX_TARGET_LENGTH = 2_000
const TARGET = {
  description:
    'The webhook URL of a Slack or Discord channel, an email address, or the URL that signed webhooks are posted to',
} as const
const EVENTS = {
  enum: NOTIFICATION_EVENTS,
  isArray: true,
  description:
    'ALERT: a problem, with all that have the same cause in one message; RESOLVED: its end, if its ALERT was sent; MILESTONE: 50 %, soft cap, sold out; DIGEST: every day at 08:00 of the time zone of the event',
} as const

export const TARGET_STATES = ['UNTRIED', 'DELIVERING', 'FAILING'] as const
export type TargetState = (typeof TARGET_STATES)[number]

export class NewNotificationBody {
  @ApiProperty({ enum: TARGET_KINDS })
  @IsIn(TARGET_KINDS)
  kind!: TargetKind

  @ApiProperty(TARGET)
  @IsString()
  @Length(1, MAX_TARGET_LENGTH)
  target!: string

  @ApiProperty(EVENTS)
  @IsArray()
  @ArrayMaxSize(NOTIFICATION_EVENTS.length)
  @ArrayUnique()
  @IsIn(NOTIFICATION_EVENTS, { each: true })
  events!: NotificationEvent[]

  @ApiProperty({ description: 'What staff call the target' })
  @FilledLine(100)
  label!: string
}

export class PatchNotificationBody {
  @ApiPropertyOptional(TARGET)
  @Optional()
  @IsString()
  @Length(1, MAX_TARGET_LENGTH)
  target?: string

  @ApiPropertyOptional(EVENTS)
  @Optional()
  @IsArray()
  @ArrayMaxSize(NOTIFICATION_EVENTS.length)
  @ArrayUnique()
  @IsIn(NOTIFICATION_EVENTS, { each: true })
  events?: NotificationEvent[]

  @ApiPropertyOptional({ description: 'What staff call the target' })
  @Optional()
  @FilledLine(100)
  label?: string
}

export class NotificationDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: TARGET_KINDS }) kind!: string
  @ApiProperty({ description: 'Shortened for SLACK and DISCORD, where it is a secret' }) target!: string
  @ApiProperty({ enum: NOTIFICATION_EVENTS, isArray: true }) events!: string[]
  @ApiProperty() label!: string
  @ApiProperty({ enum: TARGET_STATES, description: 'FAILING: the last attempt failed' }) state!: TargetState
  @ApiProperty({ format: 'date-time' }) createdAt!: string
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lastSuccessAt!: string | null
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lastErrorAt!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Of the last attempt that failed' })
  lastError!: string | null
}

export class CreatedNotificationDto extends NotificationDto {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'WEBHOOK: signs its messages as Standard Webhooks (`whsec_…`). Returned here only, never again',
  })
  secret!: string | null
}

export function notificationDto(row: NotificationTarget): NotificationDto {
  const { id, kind, shownTarget, events, label, failures, lastSuccessAt, lastErrorAt, lastError } = row
  const state = failures > 0 ? 'FAILING' : lastSuccessAt === null ? 'UNTRIED' : 'DELIVERING'
  return {
    id,
    kind,
    target: shownTarget,
    events,
    label,
    state,
    createdAt: row.createdAt.toISOString(),
    lastSuccessAt: lastSuccessAt?.toISOString() ?? null,
    lastErrorAt: lastErrorAt?.toISOString() ?? null,
    lastError,
  }
}
