import { Global, Injectable, Module } from '@nestjs/common'

/** What time it is. Code that decides by time takes it from here, so that tests can run on simulated time. */
export abstract class Clock {
  abstract now(): Date
}

@Injectable()
export class SystemClock extends Clock {
  override now(): Date {
    return new Date()
  }
}

@Global()
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
export class ClockModule {}
