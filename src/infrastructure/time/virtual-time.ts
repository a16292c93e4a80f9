import { setImmediate } from 'node:timers/promises'
import type { Clock } from './clock.js'
import type { Timers } from './timers.js'

/** Turns of the event loop without a new timer after which all tasks count as waiting. */
const QUIET_TURNS = 3

interface Timer {
  at: number
  order: number
  run: () => void
}

/** A clock and timers in memory: time advances only while all tasks wait, so that hours take no time and are deterministic. */
export class VirtualTime implements Clock, Timers {
  private at: number
  private readonly start: number
  private timers: Timer[] = []
  private sequence = 0

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

  readonly after = (ms: number, run: () => void) => {
    const timer = { at: this.at + Math.max(0, ms), order: ++this.sequence, run }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
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
      for (let turn = 0; turn < QUIET_TURNS && !settled; turn++) await setImmediate()
      if (settled) return done
      const next = this.timers.toSorted((a, b) => a.at - b.at || a.order - b.order)[0]
      if (!next) throw new Error('deadlock: no timer is left')
      if (next.at > end) throw new Error(`not done after ${limitMs} ms`)
      this.timers = this.timers.filter((timer) => timer !== next)
      this.at = Math.max(this.at, next.at)
      next.run()
    }
  }
}
