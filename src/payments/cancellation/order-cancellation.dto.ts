import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsBoolean } from 'class-validator'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { FilledLine } from '../../infrastructure/http/requests/single-line.js'

export class CancelOrderBody {
  @ApiProperty({ description: 'Part of the mails to the buyer' })
  @FilledLine(500)
  reason!: string

  @ApiPropertyOptional({ default: true, description: 'Whether what was paid goes back to the buyer' })
  @Optional()
  @IsBoolean()
  refund?: boolean
}

export class CancelledOrderDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty({ enum: ['DIRECT'] }) platform!: string
  @ApiProperty({ enum: ['CANCELLED'] }) state!: string
  @ApiProperty({ description: 'Live tickets' }) quantity!: number
  @ApiProperty({
    enum: ['REQUESTED', 'NONE'],
    description:
      'REQUESTED: the payment shows when it is complete; NONE: nothing was paid, not to be refunded, or before',
  })
  refund!: string
}
