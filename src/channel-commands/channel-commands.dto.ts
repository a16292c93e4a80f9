import { ApiProperty } from '@nestjs/swagger'
import { PLATFORMS } from '../domain/channel.js'
import type { PausedChannel } from './channel-commands.js'

export class ChannelPauseDto {
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ type: String, nullable: true }) pausedSince!: string | null
}

export function channelPauseDto({ platform, pausedSince }: PausedChannel): ChannelPauseDto {
  return { platform, pausedSince: pausedSince?.toISOString() ?? null }
}
