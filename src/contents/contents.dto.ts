import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsBoolean, IsString, Length } from 'class-validator'
import { PLATFORMS } from '../domain/channel.js'
import { CONTENTS_FIELDS } from '../domain/events/listing-differences.js'
import { IsInstant } from '../infrastructure/http/requests/instant.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { SingleLine } from '../infrastructure/http/requests/single-line.js'
import { TASK_STATES } from '../channels/contents/contents-store.js'

const PREVIEW = 'Only returns what would be written where'

export class WriteContentsBody {
  @ApiPropertyOptional({ minLength: 1, maxLength: 200 })
  @Optional()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  title?: string

  @ApiPropertyOptional({ format: 'date-time' })
  @Optional()
  @IsInstant()
  startsAt?: string

  @ApiPropertyOptional({ format: 'date-time' })
  @Optional()
  @IsInstant()
  endsAt?: string

  @ApiPropertyOptional({ default: false, description: PREVIEW })
  @Optional()
  @IsBoolean()
  preview?: boolean
}

export class CancelListingsBody {
  @ApiProperty({ minLength: 1, maxLength: 500 })
  @IsString()
  @Length(1, 500)
  reason!: string

  @ApiPropertyOptional({ default: false, description: PREVIEW })
  @Optional()
  @IsBoolean()
  preview?: boolean
}

class ListingDto {
  @ApiProperty() channelId!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ type: String, nullable: true }) label!: string | null
  @ApiProperty() externalEventId!: string
}

export class PlannedChangeDto extends ListingDto {
  @ApiProperty({ type: [String], description: 'What the API of the platform changes' }) written!: string[]
  @ApiProperty({ type: [String], description: 'What a person must change there' }) manually!: string[]
  @ApiProperty({ description: 'How, and what the change causes besides' }) instructions!: string
}

export class PlannedChangesDto {
  @ApiProperty({ description: 'True: nothing was requested' }) preview!: boolean
  @ApiProperty({ type: [PlannedChangeDto] }) channels!: PlannedChangeDto[]
}

/** Null: the platform, or the event, does not show it. */
export class ShownContentsDto {
  @ApiProperty({ type: String, nullable: true }) title!: string | null
  @ApiProperty({ type: String, nullable: true }) startsAt!: string | null
  @ApiProperty({ type: String, nullable: true }) endsAt!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'IANA time zone' }) timezone!: string | null
  @ApiProperty({ type: String, nullable: true }) venue!: string | null
}

export class RequestedChangeDto {
  @ApiProperty({ enum: ['WRITE', 'CANCEL'] }) kind!: string
  @ApiProperty({ enum: TASK_STATES }) state!: string
  @ApiProperty({ type: [String], description: 'What the API of the platform changes' }) written!: string[]
  @ApiProperty({ type: [String], description: 'What a person must change there' }) manually!: string[]
  @ApiProperty({ type: String, nullable: true, description: "The platform's response, or why it is not done yet" })
  detail!: string | null
  @ApiProperty({ type: String, nullable: true }) requestedAt!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Null: it is tried again' }) endedAt!: string | null
}

export class ChannelContentsDto extends ListingDto {
  @ApiProperty({ type: ShownContentsDto }) shows!: ShownContentsDto
  @ApiProperty({ type: [String], enum: CONTENTS_FIELDS, description: 'Fields with a difference' }) differs!: string[]
  @ApiProperty({ type: String, nullable: true, description: 'Null: it was not read yet, or cannot be' })
  readAt!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Why the last read failed' }) readFailure!: string | null
  @ApiProperty({ type: RequestedChangeDto, nullable: true, description: 'The last change that was requested' })
  change!: RequestedChangeDto | null
}

export class DifferenceDto {
  @ApiProperty({ enum: CONTENTS_FIELDS }) field!: string
  @ApiProperty({ type: [String], description: 'The channels that differ' }) channelIds!: string[]
  @ApiProperty({ description: 'In words' }) text!: string
}

export class EventContentsDto {
  @ApiProperty() eventId!: string
  @ApiProperty({ type: ShownContentsDto, description: 'What the event itself shows' }) own!: ShownContentsDto
  @ApiProperty({ type: [ChannelContentsDto] }) channels!: ChannelContentsDto[]
  @ApiProperty({ type: [DifferenceDto] }) differences!: DifferenceDto[]
}
