const LAP = 5_000

/** Requests per second, by lap of `LAP` requests: a run that slows down as its data grows shows it. */
export class Pace {
  readonly perSecond: number[] = []
  private count = 0
  private startedAt = performance.now()

  /** Counts a request; whether it ends a lap. */
  add(): boolean {
    this.count += 1
    if (this.count % LAP !== 0) return false
    const now = performance.now()
    this.perSecond.push(Math.round((LAP * 1_000) / (now - this.startedAt)))
    this.startedAt = now
    return true
  }
}
