import type { ChannelMode } from '../../domain/channel.js'
import { Backoff } from './backoff.js'

interface WrittenState {
  mode: ChannelMode
  cap: number
}

interface LastWrite extends WrittenState {
  at: number
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
  private readonly pauses = new Backoff(FIRST_MS, LONGEST_MS)

  /** No such write before this instant; null: not delayed. `now`: ms. */
  blockedUntil(channelId: string, write: WrittenState, now: number): Date | null {
    return this.isRepetition(channelId, write, now) ? this.pauses.blockedUntil(channelId, now) : null
  }

  recordConfirmed(channelId: string, { mode, cap }: WrittenState, now: number): void {
    if (this.isRepetition(channelId, { mode, cap }, now)) this.pauses.recordFailure(channelId, now)
    else this.pauses.recordSuccess(channelId)
    this.last.delete(channelId)
    const [oldest] = this.last.keys()
    if (this.last.size >= MAX_RETAINED && oldest !== undefined) this.last.delete(oldest)
    this.last.set(channelId, { mode, cap, at: now })
  }

  private isRepetition(channelId: string, { mode, cap }: WrittenState, now: number): boolean {
    const last = this.last.get(channelId)
    return last !== undefined && last.mode === mode && last.cap === cap && now - last.at < FORGET_MS
  }
}
