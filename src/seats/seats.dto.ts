import { ApiProperty } from '@nestjs/swagger'
import { SEAT_STATES, type Seat } from './seat-store.js'

export class SeatDto implements Seat {
  @ApiProperty({ description: '`section-row-number`', example: 'Stalls-A-7' }) seat!: string
  @ApiProperty({ enum: SEAT_STATES }) state!: Seat['state']
}
