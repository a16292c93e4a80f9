import { ApiProperty } from '@nestjs/swagger'
import { IsString, Length } from 'class-validator'

export class TicketCodeQuery {
  @ApiProperty({ description: 'The code of the ticket' })
  @IsString()
  @Length(1, 200)
  code!: string
}
