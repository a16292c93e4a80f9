import type { Clock } from './clock.js'
import { SkewedClock } from './skewed-clock.js'
import { TimerQueue } from './timer-queue.js'
import type { Timers } from './timers.js'

/** Turns of the event loop after which all tasks count as waiting. */
const MAX_TURNS = 3

/** A clock and timers in memory: time advances only while all tasks wait, so that hours take no time and are deterministic. */
export class VirtualTime implements Clock, Timers {
  private at: number
  private readonly start: number
  private readonly timers = new TimerQueue()

  constructor(start = Date.parse('2026-11-18T13:00:00Z')) {
    this.at = start
    this.start = start
  }

  readonly now = () => new Date(this.at)
  readonly ms = () => this.at
  readonly monotonicMs = () => this.at - this.start

  readonly sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
      const abort = () => {
        cancel()
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', abort, { once: true })
    })

  readonly after = (ms: number, run: () => void) => this.timers.add(this.at + Math.max(0, ms), run)

  /** The clock of one process, which differs from this one by `offsetMs`. */
  skewed(offsetMs = 0): SkewedClock {
    return new SkewedClock(this, offsetMs)
  }

  /**
   * Lets all tasks run until they wait, then advances to the next timer and runs it.
   * @returns whether there was a timer
   */
  async step(): Promise<boolean> {
    await this.settle(() => false)
    return this.fire(Infinity)
  }

  /** Lets `ms` of virtual time pass, and all tasks that are due in it run until they wait. */
  async run(ms: number): Promise<void> {
    const end = this.at + Math.max(0, ms)
    do await this.settle(() => false)
    while (this.fire(end))
    this.at = end
  }

  /**
   * Advances time until `work` settles.
   * @throws Error after `limitMs` of virtual time, or when no timer is left
   */
  async until<T>(work: Promise<T>, limitMs: number): Promise<T> {
    let settled = false
    const done = work.finally(() => (settled = true))
    done.catch(() => undefined)
    const end = this.at + limitMs
    for (;;) {
      await this.settle(() => settled)
      if (settled) return done
      if (this.timers.size === 0) throw new Error('deadlock: no timer is left')
      if (!this.fire(end)) throw new Error(`not done after ${limitMs} ms`)
    }
  }

  /** Lets tasks run until all of them wait, or `done`. One turn is enough for those that need no other turn themselves. */
  private async settle(done: () => boolean): Promise<void> {
    for (let turn = 0; turn < MAX_TURNS && !done(); turn++) {
      await new Promise<void>(nextTurn)
      if (!isTurnRequested()) return
    }
  }

  /** Runs the next timer if it is due by `end`. */
  private fire(end: number): boolean {
    const next = this.timers.peek()
    if (!next || next.at > end) return false
    this.timers.take()
    this.at = Math.max(this.at, next.at)
    next.run()
    return true
  }
}

/** Runs `resume` once all promises and ticks that are due have been handled. */
function nextTurn(resume: () => void): void {
  setImmediate(resume)
}

function isTurnRequested(): boolean {
  return process.getActiveResourcesInfo().includes('Immediate')
}
