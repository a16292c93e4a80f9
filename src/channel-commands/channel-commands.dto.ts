import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsInt, IsNumber, Max, Min, ValidateIf } from 'class-validator'
import { PLATFORMS } from '../domain/channel.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import type { PausedChannel } from './channel-commands.js'

export class PatchChannelBody {
  @ApiPropertyOptional({ minimum: 0, description: 'Share of the units until sales show the demand' })
  @Optional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(1_000_000)
  weight?: number

  @ApiPropertyOptional({ type: Number, minimum: 0, nullable: true, description: 'Limit for its cap; null: none' })
  @ValidateIf((_object, value) => value !== undefined && value !== null)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  maxUnits?: number | null
}

export class ChannelPauseDto {
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ type: String, nullable: true }) pausedSince!: string | null
}

export function channelPauseDto({ platform, pausedSince }: PausedChannel): ChannelPauseDto {
  return { platform, pausedSince: pausedSince?.toISOString() ?? null }
}
