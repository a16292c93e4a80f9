import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator'
import { IsInstant } from '../../infrastructure/http/requests/instant.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { SingleLine } from '../../infrastructure/http/requests/single-line.js'

export const WALK_IN_SOURCES = ['COUNT', 'SAFETY'] as const
export type WalkInSource = (typeof WALK_IN_SOURCES)[number]

const MAX_QUANTITY = 50

export class WalkInBody {
  @ApiProperty({ minimum: 1, maximum: MAX_QUANTITY })
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity!: number

  @ApiProperty({
    enum: WALK_IN_SOURCES,
    description: 'COUNT: without a ticket, a number only; SAFETY: sold from the safety stock, and in at once',
  })
  @IsIn(WALK_IN_SOURCES)
  from!: WalkInSource

  @ApiPropertyOptional({ description: 'The phone' })
  @Optional()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  deviceId?: string

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When they came, by a phone that was offline; default: now',
  })
  @Optional()
  @IsInstant()
  at?: string
}

export class WalkInDto {
  @ApiProperty() id!: string
  @ApiProperty() quantity!: number
  @ApiProperty({ enum: WALK_IN_SOURCES }) from!: string
  @ApiProperty({ format: 'date-time' }) at!: string
}
