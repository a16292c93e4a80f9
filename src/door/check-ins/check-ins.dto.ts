import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { ArrayMaxSize, IsArray, IsString, Length, ValidateNested } from 'class-validator'
import { CHANNELS } from '../../domain/channel.js'
import { IsInstant } from '../../infrastructure/http/requests/instant.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { SingleLine } from '../../infrastructure/http/requests/single-line.js'

const MAX_ITEMS = 500
const MAX_CODE_LENGTH = 500

/** One scan: of a code, or of a ticket chosen in the list. */
export class CheckInItemBody {
  @ApiPropertyOptional({ description: 'Ours, or what the ticket of the platform shows', maxLength: MAX_CODE_LENGTH })
  @Optional()
  @IsString()
  @Length(1, MAX_CODE_LENGTH)
  @SingleLine()
  code?: string

  @ApiPropertyOptional({ description: 'In place of a code' })
  @Optional()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  ticketId?: string

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When it was scanned, by a phone that was offline; default: now',
  })
  @Optional()
  @IsInstant()
  at?: string

  @ApiPropertyOptional({ description: 'The phone; with it and `at`, a scan that is reported again is the same one' })
  @Optional()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  deviceId?: string
}

export class CheckInsBody extends CheckInItemBody {
  @ApiPropertyOptional({ type: [CheckInItemBody], maxItems: MAX_ITEMS, description: 'In place of a code or a ticket' })
  @Optional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @ValidateNested({ each: true })
  @Type(() => CheckInItemBody)
  items?: CheckInItemBody[]
}

export class CheckInDto {
  @ApiProperty() ticketId!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null: the platform does not report it' })
  name!: string | null
  @ApiProperty({ enum: CHANNELS }) platform!: string
  @ApiProperty({ description: 'False: the ticket was checked in before, at `checkedInAt`' }) first!: boolean
  @ApiProperty({ format: 'date-time', description: 'The first time, here or on the platform' }) checkedInAt!: string
}

/** One item of a list: the check-in, or why there is none. */
export class CheckInResultDto {
  @ApiProperty({ enum: [200, 404, 409], description: '404: unknown, 409: cancelled or transferred' }) status!: number
  @ApiPropertyOptional() ticketId?: string
  @ApiPropertyOptional({ type: String, nullable: true }) name?: string | null
  @ApiPropertyOptional({ enum: CHANNELS }) platform?: string
  @ApiPropertyOptional() first?: boolean
  @ApiPropertyOptional({ format: 'date-time' }) checkedInAt?: string
  @ApiPropertyOptional({ enum: ['NOT_FOUND', 'STATE_CONFLICT'], description: 'Of the error' }) code?: string
  @ApiPropertyOptional({ description: 'Of the error' }) detail?: string
}

export class CheckInResultsDto {
  @ApiProperty({ type: [CheckInResultDto], description: 'In the order of the request' }) items!: CheckInResultDto[]
}

export const CheckInResponses = ApiExtraModels(CheckInDto, CheckInResultsDto)
export const CHECK_IN_RESPONSE = {
  oneOf: [{ $ref: getSchemaPath(CheckInDto) }, { $ref: getSchemaPath(CheckInResultsDto) }],
}
