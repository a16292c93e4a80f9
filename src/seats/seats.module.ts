import { Module } from '@nestjs/common'
import { SeatLists } from './seat-lists.js'
import { SeatsController } from './seats.controller.js'

/** Seat charts, and who has which seat. */
@Module({ controllers: [SeatsController], providers: [SeatLists] })
export class SeatsModule {}
