import { setImmediate as macrotask } from 'node:timers/promises'

interface Waiting<I, O> {
  item: I
  resolve: (result: O) => void
  reject: (reason: unknown) => void
}

interface Limits<I> {
  /** Runs at once at most. */
  runs: number
  /** The most that one run processes; a single item may be larger. */
  size: number
  /** 1 unless given. */
  sizeOf?: (item: I) => number
}

/**
 * Work that is requested together is done together: items of one turn of the event loop, or of several while the most runs are
 * in progress, are processed in one run. `work` returns one result per item, in order; if it rejects, all of its items do.
 */
export class Gathered<I, O> {
  private readonly waiting: Waiting<I, O>[] = []
  private runs = 0
  private isScheduled = false

  constructor(
    private readonly work: (items: I[]) => Promise<readonly O[]>,
    private readonly limits: Limits<I>,
  ) {}

  submit(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject })
      this.schedule()
    })
  }

  private schedule(): void {
    if (this.isScheduled || this.waiting.length === 0 || this.runs >= this.limits.runs) return
    this.isScheduled = true
    void this.processWaiting()
  }

  private async processWaiting(): Promise<void> {
    this.runs += 1
    await macrotask()
    this.isScheduled = false
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.fitting())
      this.schedule()
      await this.process(batch)
    }
    this.runs -= 1
  }

  /** How many of those who wait fit into one run. */
  private fitting(): number {
    const { size, sizeOf = () => 1 } = this.limits
    let total = 0
    const end = this.waiting.findIndex(({ item }, index) => (total += sizeOf(item)) > size && index > 0)
    return end < 0 ? this.waiting.length : end
  }

  private async process(batch: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const results = await this.work(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, index) => resolve(results[index] as O))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
