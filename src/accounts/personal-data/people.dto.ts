import { ApiProperty } from '@nestjs/swagger'
import { IsEmail, MaxLength } from 'class-validator'
import type { Erased } from './erasure.js'

export class PersonQuery {
  @ApiProperty({ example: 'jane@example.com', description: 'In any case' })
  @IsEmail()
  @MaxLength(254)
  email!: string
}

export class ErasedDto implements Erased {
  @ApiProperty() orders!: number
  @ApiProperty({ description: 'Tickets of which the person is the holder' }) tickets!: number
  @ApiProperty() payments!: number
  @ApiProperty() waitlistEntries!: number
  @ApiProperty() accounts!: number
  @ApiProperty() sessions!: number
  @ApiProperty() mails!: number
  @ApiProperty() deliveries!: number
}

export class ErasureReceiptDto {
  @ApiProperty({ description: 'Also in the audit log, which does not contain the address' }) id!: string
  @ApiProperty({ format: 'date-time' }) erasedAt!: string
  @ApiProperty({ type: ErasedDto, description: 'Rows by kind; orders, tickets and payments keep their numbers' })
  erased!: ErasedDto
  @ApiProperty({ type: [String], description: 'Platforms that sold to this person: they keep data of their own' })
  platforms!: string[]
}

export class PersonAccountDto {
  @ApiProperty() id!: string
  @ApiProperty() name!: string
  @ApiProperty() role!: string
  @ApiProperty() active!: boolean
  @ApiProperty({ format: 'date-time' }) createdAt!: string
}

export class PersonSessionDto {
  @ApiProperty() ip!: string
  @ApiProperty({ type: String, nullable: true }) userAgent!: string | null
  @ApiProperty({ format: 'date-time' }) createdAt!: string
  @ApiProperty({ format: 'date-time' }) lastSeenAt!: string
}

export class PersonTicketDto {
  @ApiProperty() id!: string
  @ApiProperty({ type: String, nullable: true }) seat!: string | null
  @ApiProperty() state!: string
}

export class PersonOrderDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty() platform!: string
  @ApiProperty({ type: String, nullable: true }) externalOrderId!: string | null
  @ApiProperty() state!: string
  @ApiProperty({ type: String, nullable: true }) name!: string | null
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) placedAt!: string | null
  @ApiProperty({ type: [PersonTicketDto] }) tickets!: PersonTicketDto[]
}

/** A ticket of which the person is the holder, also if another person bought it. */
export class PersonAttendanceDto {
  @ApiProperty() ticketId!: string
  @ApiProperty() eventId!: string
  @ApiProperty() platform!: string
  @ApiProperty() state!: string
  @ApiProperty({ type: String, nullable: true }) name!: string | null
  @ApiProperty({ type: String, nullable: true }) ticketType!: string | null
  @ApiProperty({ type: String, nullable: true }) code!: string | null
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Here' }) checkedInAt!: string | null
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) checkedInOnPlatformAt!: string | null
}

export class PersonPaymentDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty() state!: string
  @ApiProperty() amount!: number
  @ApiProperty() currency!: string
  @ApiProperty() name!: string
  @ApiProperty({ format: 'date-time' }) createdAt!: string
}

export class PersonEntryDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty() state!: string
  @ApiProperty() name!: string
  @ApiProperty() quantity!: number
  @ApiProperty({ format: 'date-time' }) createdAt!: string
}

/** At most 10,000 rows of each kind. */
export class PersonDto {
  @ApiProperty() email!: string
  @ApiProperty({ type: PersonAccountDto, nullable: true }) account!: PersonAccountDto | null
  @ApiProperty({ type: [PersonSessionDto] }) sessions!: PersonSessionDto[]
  @ApiProperty({ type: [PersonOrderDto] }) orders!: PersonOrderDto[]
  @ApiProperty({ type: [PersonAttendanceDto] }) attendances!: PersonAttendanceDto[]
  @ApiProperty({ type: [PersonPaymentDto] }) payments!: PersonPaymentDto[]
  @ApiProperty({ type: [PersonEntryDto] }) waitlistEntries!: PersonEntryDto[]
}
