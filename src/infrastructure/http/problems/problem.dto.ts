import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'

class FieldErrorDto {
  @ApiProperty({ example: 'channels.0.weight' })
  field!: string

  @ApiProperty()
  message!: string
}

/** The OpenAPI schema of every error response. */
export class ProblemDto {
  @ApiProperty({ example: 'urn:trafficpolice:problem:sold-out' })
  type!: string

  @ApiProperty()
  title!: string

  @ApiProperty({ example: 409 })
  status!: number

  @ApiProperty()
  detail!: string

  @ApiProperty({ example: 'SOLD_OUT' })
  code!: string

  @ApiProperty({ description: 'The path of the request.' })
  instance!: string

  @ApiPropertyOptional({ type: [FieldErrorDto] })
  errors?: FieldErrorDto[]
}
