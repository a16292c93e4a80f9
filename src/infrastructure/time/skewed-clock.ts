import { WallClock, type Clock } from './clock.js'

/** The wall clock of one process, ahead of another clock by an offset that may change at any time: it then jumps. */
export class SkewedClock extends WallClock {
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

  override uptimeMs(): number {
    return this.clock.monotonicMs()
  }
}
