import { Global, Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { AddressLimitGuard } from './address-limit.js'
import { StaffCallers } from './load/staff-callers.js'

@Global()
@Module({
  providers: [StaffCallers, { provide: APP_GUARD, useClass: AddressLimitGuard }],
  exports: [StaffCallers],
})
export class HttpModule {}
