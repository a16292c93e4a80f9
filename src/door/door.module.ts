import { Module } from '@nestjs/common'
import { AuditModule } from '../accounts/audit.module.js'
import { AttendeeList } from './attendees/attendee-list.js'
import { AttendeesController } from './attendees/attendees.controller.js'
import { Attendees } from './attendees/attendees.js'
import { CalendarController } from './calendar/calendar.controller.js'
import { CheckInsController } from './check-ins/check-ins.controller.js'
import { CheckIns } from './check-ins/check-ins.js'
import { ScannedTickets } from './check-ins/scanned-tickets.js'
import { Duplicates } from './duplicates/duplicates.js'
import { SeatHolders } from './duplicates/seat-holders.js'

/** The door of an event: who comes over all channels, check-ins, and people who hold seats twice. */
@Module({
  imports: [AuditModule],
  controllers: [AttendeesController, CalendarController, CheckInsController],
  providers: [AttendeeList, Attendees, CheckIns, Duplicates, ScannedTickets, SeatHolders],
})
export class DoorModule {}
