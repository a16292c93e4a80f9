import { createTask } from 'node-cron'
import { Cron } from './cron.js'
import type { VirtualTime } from './virtual-time.js'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
/** Offsets of time zones are multiples of it, so that local hours start with one. */
const QUARTER_MS = 15 * MINUTE_MS
/** Enough for 29 February, which a century without a leap day delays to eight years. */
const MAX_AHEAD_MS = 9 * 366 * 24 * 60 * MINUTE_MS

/** Cron on virtual time. In an hour that is repeated when daylight saving time ends it matches twice. */
export class VirtualCron extends Cron {
  /** Of each expression: between these instants, ms, the next one is the second. Searching it takes long. */
  private static readonly found = new Map<string, { from: number; next: number }>()

  constructor(private readonly time: VirtualTime) {
    super()
  }

  override next(expression: string, timezone: string): Date {
    const key = `${expression} ${timezone}`
    const found = VirtualCron.found.get(key)
    const from = this.time.ms()
    if (found && from >= found.from && from < found.next) return new Date(found.next)
    const next = this.search(expression, timezone)
    VirtualCron.found.set(key, { from, next: next.getTime() })
    return next
  }

  override schedule(expression: string, timezone: string, work: () => void): () => void {
    let cancel: () => void = () => undefined
    const arm = () => {
      const delayMs = this.next(expression, timezone).getTime() - this.time.ms()
      cancel = this.time.after(delayMs, () => {
        arm()
        work()
      })
    }
    arm()
    return () => cancel()
  }

  private search(expression: string, timezone: string): Date {
    const fields = expression.trim().split(/\s+/)
    const [stepMs, anyMinute] = fields.length > 5 ? [SECOND_MS, '* *'] : [MINUTE_MS, '*']
    const whole = matcher(expression, timezone)
    const hour = matcher(`${anyMinute} ${fields.slice(-4).join(' ')}`, timezone)
    const end = this.time.ms() + MAX_AHEAD_MS
    let at = after(this.time.ms(), stepMs)
    while (at < end) {
      if (!hour(at)) at = after(at, QUARTER_MS)
      else if (!whole(at)) at = after(at, stepMs)
      else return new Date(at)
    }
    throw new Error(`"${expression}" does not match within nine years`)
  }
}

/** Only the calendar of node-cron is used: its tasks run on the clock of this machine. */
function matcher(expression: string, timezone: string): (ms: number) => boolean {
  const task = createTask(expression, () => undefined, { timezone })
  void task.destroy()
  return (ms) => task.match(new Date(ms))
}

/** The first multiple of `stepMs` after `ms`. */
function after(ms: number, stepMs: number): number {
  return (Math.floor(ms / stepMs) + 1) * stepMs
}
