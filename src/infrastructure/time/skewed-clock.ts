import { Clock } from './clock.js'

/** The clock of one process, ahead of another one by an offset that may change at any time: its clock then jumps. */
export class SkewedClock extends Clock {
  constructor(
    private readonly clock: Clock,
    public offsetMs: number,
  ) {
    super()
  }

  override now(): Date {
    return new Date(this.clock.now().getTime() + this.offsetMs)
  }

  override monotonicMs(): number {
    return this.clock.monotonicMs()
  }
}
