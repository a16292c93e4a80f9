import { Global, Module } from '@nestjs/common'
import { Instances } from '../instances/instances.js'
import { PostgresInstances } from '../instances/postgres-instances.js'
import { ServiceState } from '../instances/service-state.js'
import { AdvisoryLock } from './advisory-lock.js'
import { PrismaService } from './prisma.service.js'

const PARTS = [PrismaService, AdvisoryLock, ServiceState]

@Global()
@Module({
  providers: [...PARTS, { provide: Instances, useClass: PostgresInstances }],
  exports: [...PARTS, Instances],
})
export class PrismaModule {}
