import { Global, Module } from '@nestjs/common'
import { Instances } from '../instances/instances.js'
import { PostgresInstances } from '../instances/postgres-instances.js'
import { ServiceState } from '../instances/service-state.js'
import { AdvisoryLocks } from '../locks/advisory-locks.js'
import { Locks } from '../locks/locks.js'
import { PrismaService } from './prisma.service.js'

const PARTS = [PrismaService, ServiceState]

@Global()
@Module({
  providers: [
    ...PARTS,
    { provide: Instances, useClass: PostgresInstances },
    { provide: Locks, useClass: AdvisoryLocks },
  ],
  exports: [...PARTS, Instances, Locks],
})
export class PrismaModule {}
