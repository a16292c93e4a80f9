import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsInt, IsNumber, Max, Min, ValidateIf } from 'class-validator'
import { PLATFORMS } from '../domain/channel.js'
import { MAX_LABEL_LENGTH, PlatformId } from '../events/event-request.dto.js'
import { FilledLine } from '../infrastructure/http/requests/single-line.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import type { PausedChannel } from './channel-commands.js'

export class DetachChannelBody {
  @ApiProperty({ description: 'Kept in the audit log' })
  @FilledLine(500)
  reason!: string

  @ApiPropertyOptional({
    enum: ['SOLD_ONLY'],
    description: 'For a listing that is gone: by your word, nothing more can be sold there, and it is detached at once',
  })
  @Optional()
  @IsIn(['SOLD_ONLY'])
  assume?: 'SOLD_ONLY'
}

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

  @ApiPropertyOptional({ type: String, nullable: true, description: 'What staff call it; null: no name of its own' })
  @ValidateIf((_object, value) => value !== undefined && value !== null)
  @FilledLine(MAX_LABEL_LENGTH)
  label?: string | null

  @ApiPropertyOptional({ description: "The listing's new id on the platform: the same listing, with the same sales" })
  @Optional()
  @PlatformId()
  externalEventId?: string
}

/** Counts of tickets. */
export class ConfirmChannelBody {
  @ApiProperty({
    minimum: 0,
    maximum: 1_000_000,
    description: 'The cap in force on the listing, sold tickets included',
  })
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  cap!: number

  @ApiProperty({ minimum: 0, maximum: 1_000_000, description: 'Tickets sold there and not cancelled' })
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  sold!: number
}

export class ChannelPauseDto {
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ type: String, nullable: true }) pausedSince!: string | null
}

export function channelPauseDto({ platform, pausedSince }: PausedChannel): ChannelPauseDto {
  return { platform, pausedSince: pausedSince?.toISOString() ?? null }
}
