import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger'
import { IsIn, IsString, Length, MaxLength } from 'class-validator'
import { CHANNELS, type ChannelName } from '../../domain/channel.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { PageQuery } from '../../infrastructure/http/requests/pagination.js'

export class DoorPageQuery extends OmitType(PageQuery, ['cursor'] as const) {
  /** It contains a name, in any script. */
  @ApiPropertyOptional({ description: 'The `nextCursor` of the previous page.' })
  @Optional()
  @IsString()
  @MaxLength(4_000)
  cursor?: string
}

export class AttendeesQuery extends DoorPageQuery {
  @ApiPropertyOptional({ description: 'Parts of the name, in any order, with or without accents' })
  @Optional()
  @IsString()
  @Length(1, 200)
  q?: string

  @ApiPropertyOptional({ enum: CHANNELS })
  @Optional()
  @IsIn(CHANNELS)
  platform?: ChannelName

  @ApiPropertyOptional({
    type: Boolean,
    description: 'true: at least one ticket is checked in; false: at least one is not',
  })
  @Optional()
  @IsIn(['true', 'false'])
  checkedIn?: 'true' | 'false'
}

export class AttendeeTicketDto {
  @ApiProperty() id!: string
  @ApiProperty({
    type: String,
    nullable: true,
    description: "Ours, or what the platform's own ticket shows; tickets may share one. Null: it has none",
  })
  code!: string | null
  @ApiProperty({ type: String, nullable: true }) externalTicketId!: string | null
  @ApiProperty({ type: String, nullable: true }) ticketType!: string | null
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The first time, here or on the platform',
  })
  checkedInAt!: string | null
}

export class AttendeeDto {
  @ApiProperty() id!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null: the platform does not report it, or it was erased' })
  name!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'For OPERATOR and above; null for other roles' })
  email!: string | null
  @ApiProperty({ enum: CHANNELS }) platform!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null: a direct order' }) channelId!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Those of the tickets, separated by commas' })
  ticketType!: string | null
  @ApiProperty({ type: [AttendeeTicketDto], description: 'Valid tickets' }) tickets!: AttendeeTicketDto[]
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'An attendee on another channel who seems to be the same person',
  })
  duplicateOf!: string | null
  @ApiProperty({ enum: ['certain', 'possible'], nullable: true, description: 'How certain that is' })
  duplicateCertainty!: string | null
}
