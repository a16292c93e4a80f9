import { Global, Module } from '@nestjs/common'
import { AdvisoryLock } from './advisory-lock.js'
import { PrismaService } from './prisma.service.js'

@Global()
@Module({ providers: [PrismaService, AdvisoryLock], exports: [PrismaService, AdvisoryLock] })
export class PrismaModule {}
