import type { ChannelMode } from '../../domain/channel.js'

interface WrittenState {
  mode: ChannelMode
  cap: number
}

interface LastWrite extends WrittenState {
  at: number
  repetitions: number
}

/** The second repetition waits for this, ms; each further one twice as long as the one before. */
const FIRST_MS = 3_000
const LONGEST_MS = 60_000
/** A write that repeats an older one is a new one, ms. */
const FORGET_MS = 600_000
const MAX_RETAINED = 10_000

/**
 * Delays writes that each are confirmed and found without effect by the next reading: a platform that keeps a listing open
 * below a recorded count, or an organizer who changes it back each time. At a constant rate they would use up the budget
 * that the reads need which resolve this. The first repetition is not delayed. In this process's memory.
 */
export class RepeatedWrites {
  private readonly last = new Map<string, LastWrite>()

  /** No such write before this instant; null: not delayed. `now`: ms. */
  blockedUntil(channelId: string, write: WrittenState, now: number): Date | null {
    const last = this.lastSame(channelId, write, now)
    if (!last || last.repetitions === 0) return null
    const until = last.at + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(last.repetitions - 1, 10))
    return until > now ? new Date(until) : null
  }

  recordConfirmed(channelId: string, { mode, cap }: WrittenState, now: number): void {
    const last = this.lastSame(channelId, { mode, cap }, now)
    this.last.delete(channelId)
    const [oldest] = this.last.keys()
    if (this.last.size >= MAX_RETAINED && oldest !== undefined) this.last.delete(oldest)
    this.last.set(channelId, { mode, cap, at: now, repetitions: last ? last.repetitions + 1 : 0 })
  }

  private lastSame(channelId: string, { mode, cap }: WrittenState, now: number): LastWrite | null {
    const last = this.last.get(channelId)
    return last && last.mode === mode && last.cap === cap && now - last.at < FORGET_MS ? last : null
  }
}
