import { SingleLine } from '../infrastructure/http/requests/single-line.js'
import { ApiProperty } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { IsIn, IsString, Length } from 'class-validator'
import type { SystemModeName } from '../system-mode/system-mode.js'

const MODES = ['NORMAL', 'FAIL_SAFE'] as const

export class ModeBody {
  @ApiProperty({
    enum: MODES,
    description: '`FAIL_SAFE` forces the mode; `NORMAL` releases it, and the recovery ends it',
  })
  @IsIn(MODES)
  mode!: SystemModeName

  @ApiProperty({ minLength: 1, maxLength: 500 })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @Length(1, 500)
  @SingleLine()
  reason!: string
}

class ChannelCountDto {
  @ApiProperty() open!: number
  @ApiProperty() waitlistOnly!: number
  @ApiProperty({ description: 'Channels whose desired state is not confirmed' }) pending!: number
}

export class ModeDto {
  @ApiProperty({ enum: MODES }) mode!: SystemModeName
  @ApiProperty() forced!: boolean
  @ApiProperty({ type: String, nullable: true }) reason!: string | null
  @ApiProperty() since!: string
  @ApiProperty({ type: ChannelCountDto }) channels!: ChannelCountDto
}
