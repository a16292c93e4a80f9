import { Global, Module } from '@nestjs/common'
import { Instances } from '../instances/instances.js'
import { PostgresInstances } from '../instances/postgres-instances.js'
import { ServiceState } from '../instances/service-state.js'
import { AdvisoryLocks } from '../locks/advisory-locks.js'
import { Locks } from '../locks/locks.js'
import { DatabaseTime } from '../time/database-time.js'
import { PostgresTime } from './postgres-time.js'
import { PrismaService } from './prisma.service.js'

const PARTS = [PrismaService, ServiceState]

@Global()
@Module({
  providers: [
    ...PARTS,
    { provide: Instances, useClass: PostgresInstances },
    { provide: Locks, useClass: AdvisoryLocks },
    { provide: DatabaseTime, useClass: PostgresTime },
  ],
  exports: [...PARTS, Instances, Locks, DatabaseTime],
})
export class PrismaModule {}
