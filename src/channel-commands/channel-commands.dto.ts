import { ApiProperty } from '@nestjs/swagger'
import { PLATFORMS } from '../domain/channel.js'

export class ChannelPauseDto {
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ type: String, nullable: true }) pausedSince!: string | null
}
