import { Module } from '@nestjs/common'
import { SeatsController } from './seats.controller.js'

/** Seat charts, and who has which seat. */
@Module({ controllers: [SeatsController] })
export class SeatsModule {}
