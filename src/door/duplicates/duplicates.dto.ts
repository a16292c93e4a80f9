import { ApiProperty } from '@nestjs/swagger'
import { CHANNELS } from '../../domain/channel.js'

const CERTAINTIES = ['certain', 'possible'] as const

export class DuplicateAttendeeDto {
  @ApiProperty({ description: 'Of the attendee in the list of attendees' }) id!: string
  @ApiProperty({ type: String, nullable: true }) name!: string | null
  @ApiProperty({ type: String, nullable: true }) email!: string | null
  @ApiProperty({ enum: CHANNELS }) platform!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null: a direct order' }) channelId!: string | null
  @ApiProperty({ description: 'Valid tickets' }) tickets!: number
  @ApiProperty() orderId!: string
  @ApiProperty({
    description: 'Whether POST /orders/:id/decline can be used; otherwise the person has to be contacted',
  })
  canDecline!: boolean
}

export class DuplicateDto {
  @ApiProperty() id!: string
  @ApiProperty({
    enum: CERTAINTIES,
    description:
      'certain: the same verified e-mail; possible: the same name, or an e-mail that another person may have entered',
  })
  certainty!: string
  @ApiProperty({ enum: ['EMAIL', 'NAME'], description: 'What is the same' }) by!: string
  @ApiProperty({ type: String, nullable: true }) name!: string | null
  @ApiProperty({ description: 'Seats beyond those on the channel with the most: they may come free' }) seats!: number
  @ApiProperty({ type: [DuplicateAttendeeDto], description: 'Who bought first comes first' })
  attendees!: DuplicateAttendeeDto[]
}

export class FreeSeatsDto {
  @ApiProperty() certain!: number
  @ApiProperty() possible!: number
}

export class DuplicatesDto {
  @ApiProperty({ type: [DuplicateDto], description: 'Certain ones first, then by name' }) items!: DuplicateDto[]
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null
  @ApiProperty({ type: FreeSeatsDto, description: 'Seats of all of them that may come free' }) seats!: FreeSeatsDto
}
