import { ApiProperty } from '@nestjs/swagger'
import { CHANNELS } from '../../domain/channel.js'

export class ChannelAttendanceDto {
  @ApiProperty({ description: 'DIRECT: direct sales' }) channelId!: string
  @ApiProperty({ enum: CHANNELS }) platform!: string
  @ApiProperty({ type: String, nullable: true, description: 'What staff call it' }) label!: string | null
  @ApiProperty({ description: 'Tickets sold and not cancelled' }) sold!: number
  @ApiProperty({ description: 'Of these, checked in here or on the platform' }) attended!: number
}

export class DoorDto {
  @ApiProperty() capacity!: number
  @ApiProperty() sold!: number
  @ApiProperty({ description: 'Tickets that are in, those sold at the door included' }) checkedIn!: number
  @ApiProperty({ description: 'People who are in without a ticket' }) walkIns!: number
  @ApiProperty({ description: 'checkedIn + walkIns' }) inTheRoom!: number
  @ApiProperty({ type: [ChannelAttendanceDto] }) channels!: ChannelAttendanceDto[]
  @ApiProperty({ description: 'Of people who seem to hold seats on more than one channel; up to half a minute old' })
  seatsThatMayComeFree!: number
}
