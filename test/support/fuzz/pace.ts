const LAP = 5_000

/** Requests per second, by lap of so many requests: a run that slows down as its data grows shows it. */
export class Pace {
  readonly perSecond: number[] = []
  private count = 0
  private startedAt = performance.now()

  constructor(private readonly onLap: (text: string) => void = () => undefined) {}

  add(): void {
    this.count += 1
    if (this.count % LAP !== 0) return
    const now = performance.now()
    const perSecond = Math.round((LAP * 1_000) / (now - this.startedAt))
    this.perSecond.push(perSecond)
    this.startedAt = now
    this.onLap(`${this.count} requests, the last ${LAP} at ${perSecond} per second`)
  }
}
