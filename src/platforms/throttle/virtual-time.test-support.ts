import { setImmediate } from 'node:timers/promises'

/** Turns of the event loop without a new timer after which everyone is taken to sleep. */
const QUIET_TURNS = 3

/** A clock whose time passes only when everyone sleeps: hours of waiting take no time, and always the same way. */
export class VirtualTime {
  private at: number
  private timers: { at: number; order: number; wake: () => void }[] = []
  private sequence = 0

  constructor(start = Date.parse('2026-11-18T13:00:00Z')) {
    this.at = start
  }

  readonly now = () => new Date(this.at)
  readonly ms = () => this.at

  readonly sleep = (ms: number) =>
    new Promise<void>((wake) => {
      this.timers.push({ at: this.at + Math.max(0, ms), order: ++this.sequence, wake })
    })

  /**
   * Lets time pass until `work` is done.
   * @throws Error once `limitMs` of it have passed, or when nothing is left that could happen
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
      if (!next) throw new Error('everything waits and nothing will happen')
      if (next.at > end) throw new Error(`not done after ${limitMs} ms`)
      this.timers = this.timers.filter((timer) => timer !== next)
      this.at = Math.max(this.at, next.at)
      next.wake()
    }
  }
}
