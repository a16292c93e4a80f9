import { Timers } from '../../src/infrastructure/time/timers.js'
import type { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import { ProcessKilled } from './process-killed.js'

export interface ProcessState {
  isAlive: () => boolean
  /** Until when it is paused, ms; null: it runs. */
  pausedUntil: () => number | null
}

/** The timers of one process: those that are due during a pause fire after it, and none once it is dead. */
export class ProcessTimers extends Timers {
  constructor(
    private readonly time: VirtualTime,
    private readonly process: ProcessState,
  ) {
    super()
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.time.sleep(ms, signal)
    for (let until = this.process.pausedUntil(); until !== null; until = this.process.pausedUntil())
      await this.time.sleep(until - this.time.ms(), signal)
    if (!this.process.isAlive()) throw new ProcessKilled()
  }

  override after(ms: number, work: () => void): () => void {
    let cancel: () => void = () => undefined
    const arm = (delayMs: number) => {
      cancel = this.time.after(delayMs, () => {
        if (!this.process.isAlive()) return
        const until = this.process.pausedUntil()
        if (until === null) work()
        else arm(until - this.time.ms())
      })
    }
    arm(ms)
    return () => cancel()
  }
}
