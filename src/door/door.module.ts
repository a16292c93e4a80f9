import { Module } from '@nestjs/common'
import { AuditModule } from '../accounts/audit.module.js'
import { SafetyStockModule } from '../safety-stock/safety-stock.module.js'
import { AttendanceController } from './attendance/attendance.controller.js'
import { Attendance } from './attendance/attendance.js'
import { ShowRates } from './attendance/show-rates.js'
import { AttendeeList } from './attendees/attendee-list.js'
import { AttendeesController } from './attendees/attendees.controller.js'
import { Attendees } from './attendees/attendees.js'
import { CalendarController } from './calendar/calendar.controller.js'
import { CheckInsController } from './check-ins/check-ins.controller.js'
import { CheckIns } from './check-ins/check-ins.js'
import { DeclinesController } from './declines/declines.controller.js'
import { Declines } from './declines/declines.js'
import { DeviceListController } from './device-list/device-list.controller.js'
import { DeviceList } from './device-list/device-list.js'
import { Duplicates } from './duplicates/duplicates.js'
import { SeatHolders } from './duplicates/seat-holders.js'
import { WalkInsController } from './walk-ins/walk-ins.controller.js'
import { WalkIns } from './walk-ins/walk-ins.js'

/** The door of an event: who comes over all channels, check-ins, walk-ins, who is in, and people who hold seats twice. */
@Module({
  imports: [AuditModule, SafetyStockModule],
  controllers: [
    AttendanceController,
    AttendeesController,
    CalendarController,
    CheckInsController,
    DeclinesController,
    DeviceListController,
    WalkInsController,
  ],
  providers: [
    Attendance,
    AttendeeList,
    Attendees,
    CheckIns,
    Declines,
    DeviceList,
    Duplicates,
    SeatHolders,
    ShowRates,
    WalkIns,
  ],
})
export class DoorModule {}
