import { Global, Module } from '@nestjs/common'
import { AuditService } from './audit.service.js'

/** The audit log alone: what features need of the accounts to record the actions of staff. */
@Global()
@Module({ providers: [AuditService], exports: [AuditService] })
export class AuditModule {}
