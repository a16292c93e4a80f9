import { Injectable } from '@nestjs/common'
import { createTask } from 'node-cron'
import { Cron } from './cron.js'

/** node-cron on the clock of this machine. */
@Injectable()
export class NodeCron extends Cron {
  override next(expression: string, timezone: string): Date {
    const task = createTask(expression, () => undefined, { timezone })
    try {
      const [next] = task.getNextRuns(1)
      if (!next) throw new Error(`"${expression}" never matches`)
      return next
    } finally {
      // Created tasks are registered until they are destroyed, started or not.
      void task.destroy()
    }
  }

  override schedule(expression: string, timezone: string, work: () => void): () => void {
    const task = createTask(expression, work, { timezone })
    void task.start()
    return () => void task.destroy()
  }
}
