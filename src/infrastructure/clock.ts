import { Global, Injectable, Module } from '@nestjs/common'

/** The current time. Code that depends on time injects this, so that tests can run on simulated time. */
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
