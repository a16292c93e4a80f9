/** The start of one call; `order` is its position among the calls of this process. */
export interface CallStart {
  order: number
  at: number
}

/** A `date` header has whole seconds, rounded down. */
const HEADER_RESOLUTION_MS = 1_000

/**
 * Luma keeps no version of a guest, so the time of the read is used instead. Processes whose clocks differ would order
 * their reads wrongly; all of them use the clock that they share, the one in Luma's responses. Each response narrows the
 * bounds of the local clock's offset. The local clock is not corrected while an offset of 0 is within the bounds.
 */
export class ServerClock {
  private startedCalls = 0
  /** Bounds of what is to be added to the local clock, ms. */
  private offset = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }
  private newest: { order: number; timestamp: number } | null = null

  startCall(now: Date): CallStart {
    this.startedCalls += 1
    return { order: this.startedCalls, at: now.getTime() }
  }

  /** `date`: the header of the response, if present. `now`: when the response arrived. */
  observe(date: string | undefined, start: CallStart, now: Date): void {
    const serverTime = Date.parse(date ?? '')
    if (Number.isNaN(serverTime)) return
    const observed = { min: serverTime - now.getTime(), max: serverTime + HEADER_RESOLUTION_MS - start.at }
    const min = Math.max(this.offset.min, observed.min)
    const max = Math.min(this.offset.max, observed.max)
    // Contradicting bounds: one of the clocks was set in the meantime.
    this.offset = min <= max ? { min, max } : observed
  }

  /** The start of a call by Luma's clock. Monotonic: a later call never has an earlier timestamp. */
  timestampOf({ order, at }: CallStart): Date {
    const { newest } = this
    const timestamp = at + this.correction()
    if (newest && order < newest.order) return new Date(Math.min(timestamp, newest.timestamp))
    this.newest = { order, timestamp: Math.max(timestamp, newest?.timestamp ?? timestamp) }
    return new Date(this.newest.timestamp)
  }

  private correction(): number {
    const { min, max } = this.offset
    return min <= 0 && max >= 0 ? 0 : Math.round((min + max) / 2)
  }
}
