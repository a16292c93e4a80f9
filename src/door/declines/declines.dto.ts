import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { PLATFORMS } from '../../domain/channel.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { FilledLine } from '../../infrastructure/http/requests/single-line.js'

export class DeclineOrderBody {
  @ApiPropertyOptional({ description: 'Part of the mail that the platform sends', maxLength: 200 })
  @Optional()
  @FilledLine(200)
  message?: string
}

export class DeclinedOrderDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({
    enum: ['PLACED', 'CANCELLED'],
    description: 'PLACED until the order is read: the seats are free then',
  })
  state!: string
  @ApiProperty({ description: 'Live tickets' }) quantity!: number
}
