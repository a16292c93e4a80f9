import { Global, Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { AddressLimitGuard } from './address-limit.js'
import { DirectRoutes } from './direct-routes.js'
import { StaffCallers } from './load/staff-callers.js'

@Global()
@Module({
  providers: [DirectRoutes, StaffCallers, { provide: APP_GUARD, useClass: AddressLimitGuard }],
  exports: [DirectRoutes, StaffCallers],
})
export class HttpModule {}
