import { Global, Module } from '@nestjs/common'
import { Instances } from '../instances/instances.js'
import { ServiceState } from '../instances/service-state.js'
import { AdvisoryLock } from './advisory-lock.js'
import { PrismaService } from './prisma.service.js'

const PARTS = [PrismaService, AdvisoryLock, Instances, ServiceState]

@Global()
@Module({ providers: PARTS, exports: PARTS })
export class PrismaModule {}
