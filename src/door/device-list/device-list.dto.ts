import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger'
import { IsString, Matches } from 'class-validator'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { AttendeeDto } from '../attendees/attendees.dto.js'
import { DEVICE_LIST_VERSION } from './device-list-version.js'

export class DeviceListQuery {
  @ApiPropertyOptional({ description: 'The `version` of the list that the device has' })
  @Optional()
  @IsString()
  @Matches(DEVICE_LIST_VERSION, { message: 'since is not a version of this list' })
  since?: string
}

export class DeviceEventDto {
  @ApiProperty() id!: string
  @ApiProperty() name!: string
  @ApiProperty({ format: 'date-time' }) startsAt!: string
  @ApiProperty({ format: 'date-time' }) endsAt!: string
  @ApiProperty({ description: 'IANA name' }) timezone!: string
  @ApiProperty({ type: String, nullable: true }) venue!: string | null
  @ApiProperty() state!: string
  @ApiProperty({ type: 'integer' }) capacity!: number
}

export class DeviceAttendeeDto extends OmitType(AttendeeDto, ['email', 'duplicateOf', 'duplicateCertainty'] as const) {}

export class DeviceCheckInDto {
  @ApiProperty() ticketId!: string
  @ApiProperty({ format: 'date-time', description: 'The first time, here or on the platform' }) checkedInAt!: string
}

export class DeviceListDto {
  @ApiProperty({ type: DeviceEventDto }) event!: DeviceEventDto
  @ApiProperty({ description: 'What the device has after this response' }) version!: string
  @ApiProperty({
    type: [DeviceAttendeeDto],
    nullable: true,
    description: 'By name. Null: `checkIns` is all that changed',
  })
  items!: DeviceAttendeeDto[] | null
  @ApiProperty({ type: [DeviceCheckInDto], description: 'Since the version that the device has' })
  checkIns!: DeviceCheckInDto[]
  @ApiProperty({ type: 'integer', description: 'People counted in without a ticket' }) walkIns!: number
}
