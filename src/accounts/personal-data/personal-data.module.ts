import { Module } from '@nestjs/common'
import { AuditModule } from '../audit.module.js'
import { PeopleController } from './people.controller.js'
import { PeopleService } from './people.service.js'
import { Retention } from './retention.js'

/** Export, erasure and retention of personal data. */
@Module({
  imports: [AuditModule],
  controllers: [PeopleController],
  providers: [PeopleService, Retention],
})
export class PersonalDataModule {}
