import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { FilledLine } from '../infrastructure/http/requests/single-line.js'
import { BuyerBody } from '../tickets/tickets.dto.js'

/** The new holder. */
export class TransferBody extends BuyerBody {
  @ApiPropertyOptional({ description: 'Required of staff', maxLength: 500 })
  @Optional()
  @FilledLine(500)
  reason?: string
}

/** Without the new code, which only the new holder gets. */
export class TransferDto {
  @ApiProperty() id!: string
  @ApiProperty() orderId!: string
  @ApiProperty() eventId!: string
  @ApiProperty({ type: String, nullable: true }) name!: string | null
  @ApiProperty({ type: String, nullable: true }) email!: string | null
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null: it was theirs already' })
  transferredAt!: string | null
}

export class ResentDto {
  @ApiProperty() orderId!: string
  @ApiProperty({ description: 'One to the buyer; for staff also one for each ticket that others have' }) mails!: number
}
