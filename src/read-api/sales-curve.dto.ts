import { ApiProperty } from '@nestjs/swagger'
import { CHANNELS, type ChannelName } from '../domain/channel.js'

export class ChannelCurveDto {
  @ApiProperty({ enum: CHANNELS }) platform!: ChannelName
  @ApiProperty({ type: [Number], description: 'Tickets sold at the end of each step' }) sold!: number[]
}

export class SalesCurveDto {
  @ApiProperty() eventId!: string
  @ApiProperty({ description: 'Length of a step' }) stepSeconds!: number
  @ApiProperty({ type: [String], description: 'End of each step' }) times!: string[]
  @ApiProperty({ type: [ChannelCurveDto] }) channels!: ChannelCurveDto[]
  @ApiProperty() asOf!: string
}
