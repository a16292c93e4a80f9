import { setImmediate } from 'node:timers/promises'

/** Turns of the event loop without a new timer after which all tasks count as sleeping. */
const QUIET_TURNS = 3

/** A virtual clock that advances only while all tasks sleep: hours of waiting take no time and are deterministic. */
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
      next.wake()
    }
  }
}
