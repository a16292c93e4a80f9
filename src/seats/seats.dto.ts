import { ApiProperty } from '@nestjs/swagger'

const SEAT_STATES = ['AVAILABLE', 'HELD', 'SOLD'] as const

export class SeatDto {
  @ApiProperty({ description: '`section-row-number`', example: 'Stalls-A-7' }) seat!: string
  @ApiProperty({ enum: SEAT_STATES }) state!: (typeof SEAT_STATES)[number]
}
