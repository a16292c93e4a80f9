/** The start of one call, in the order in which calls of this process began. */
export interface CallStart {
  order: number
  at: number
}

/** A `date` header counts whole seconds and cuts off the rest. */
const HEADER_STEP_MS = 1_000

/**
 * Luma keeps no version of a guest, so the time of reading stands in. Processes whose clocks differ would order their
 * readings wrongly: all of them use the clock that they share, the one in Luma's answers. Each answer bounds how far
 * ours may be off; while no error fits as well as any, ours is used as it is.
 */
export class ServerClock {
  private begun = 0
  /** ms to add to our clock: at least, at most. */
  private error = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY }
  private newest: { order: number; stamp: number } | null = null

  begin(now: Date): CallStart {
    this.begun += 1
    return { order: this.begun, at: now.getTime() }
  }

  /** `date`: the answer's header, if it has one. `now`: when the answer was there. */
  learn(date: string | undefined, start: CallStart, now: Date): void {
    const told = Date.parse(date ?? '')
    if (Number.isNaN(told)) return
    const seen = { least: told - now.getTime(), most: told + HEADER_STEP_MS - start.at }
    const least = Math.max(this.error.least, seen.least)
    const most = Math.min(this.error.most, seen.most)
    // Bounds that exclude each other: one of the clocks was set since.
    this.error = least <= most ? { least, most } : seen
  }

  /** The instant of a call's start by Luma's clock. What began later never gets an earlier one. */
  stamp({ order, at }: CallStart): Date {
    const { newest } = this
    const stamp = at + this.correction()
    if (newest && order < newest.order) return new Date(Math.min(stamp, newest.stamp))
    this.newest = { order, stamp: Math.max(stamp, newest?.stamp ?? stamp) }
    return new Date(this.newest.stamp)
  }

  private correction(): number {
    const { least, most } = this.error
    return least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2)
  }
}
