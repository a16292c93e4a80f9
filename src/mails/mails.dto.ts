import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn } from 'class-validator'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { MAIL_KINDS } from '../infrastructure/mail/mail-outbox.js'

/** UNSENT: it waits for its first or next attempt. FAILED: no further attempt is made. */
export const MAIL_STATES = ['UNSENT', 'FAILED'] as const
export type MailState = (typeof MAIL_STATES)[number]

export class MailsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: MAIL_STATES, default: 'FAILED' })
  @Optional()
  @IsIn(MAIL_STATES)
  state: MailState = 'FAILED'
}

/** Without the recipient and the text, which a failed mail does not have any more. */
export class MailDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: MAIL_KINDS }) kind!: string
  @ApiProperty({ enum: MAIL_STATES }) state!: MailState
  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'Id of the order, payment, waitlist entry, account, transfer or ticket; null: stored by an earlier version',
  })
  about!: string | null
  @ApiProperty({ format: 'date-time' }) createdAt!: string
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) attemptedAt!: string | null
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) failedAt!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Response of the mail server, without addresses' })
  failure!: string | null
}
