import { Module } from '@nestjs/common'
import { EventsModule } from '../events/events.module.js'
import { DemoController } from './demo.controller.js'
import { DemoService } from './demo.service.js'

@Module({
  imports: [EventsModule],
  controllers: [DemoController],
  providers: [DemoService],
  exports: [DemoService],
})
export class DemoModule {}
