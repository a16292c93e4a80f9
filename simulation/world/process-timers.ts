import { Timers } from '../../src/infrastructure/time/timers.js'
import type { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import { ProcessKilled } from './process-killed.js'

/** The timers of one process: none fires once it is dead. */
export class ProcessTimers extends Timers {
  constructor(
    private readonly time: VirtualTime,
    private readonly isAlive: () => boolean,
  ) {
    super()
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.time.sleep(ms, signal)
    if (!this.isAlive()) throw new ProcessKilled()
  }

  override after(ms: number, work: () => void): () => void {
    return this.time.after(ms, () => {
      if (this.isAlive()) work()
    })
  }
}
