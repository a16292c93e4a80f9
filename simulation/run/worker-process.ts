import type { ChildProcess } from 'node:child_process'
import { SystemTimers } from '../../src/infrastructure/time/system-time.js'
import type { Timers } from '../../src/infrastructure/time/timers.js'

/** The process ended before its task did, or the task took too long. */
export class TaskLost extends Error {
  override readonly name = 'TaskLost'
}

/** Sent by a process while its task is in progress. */
export const WORKING = 'working'

/**
 * Runs tasks one after another in a process of its own, which sends one message for each that it receives, and WORKING
 * any number of times before it. A process that ends or hangs loses only its task: the next one gets a new process.
 */
export class WorkerProcess<Task extends string | number | object, Result> {
  private child: ChildProcess | null = null
  private previous: Promise<unknown> = Promise.resolve()

  /** `fork` starts the process. `limitMs`: within which it has to send a message. */
  constructor(
    private readonly fork: () => ChildProcess,
    private readonly limitMs: number,
    private readonly timers: Timers = new SystemTimers(),
  ) {}

  /** Rejects with TaskLost. */
  run(task: Task): Promise<Result> {
    const result = this.previous.then(() => this.runNext(task))
    this.previous = result.catch(() => undefined)
    return result
  }

  /** Ends the process, and with it a task in progress. */
  end(): void {
    this.child?.kill('SIGKILL')
    this.child = null
  }

  private runNext(task: Task): Promise<Result> {
    if (!this.child?.connected) this.child = this.fork()
    const { child } = this
    return new Promise((resolve, reject) => {
      const settle = () => {
        cancelLimit()
        child.off('message', onMessage).off('exit', onExit).off('error', onError)
      }
      const lose = (reason: string) => {
        settle()
        // A killed process may still report one.
        child.on('error', () => undefined)
        if (this.child === child) this.end()
        reject(new TaskLost(reason))
      }
      const onMessage = (message: unknown) => {
        if (message === WORKING) return restartLimit()
        settle()
        resolve(message as Result)
      }
      const onExit = (code: number | null, signal: string | null) => lose(`the process ended with ${code ?? signal}`)
      const onError = (error: Error) => lose(error.message)
      const limit = () => this.timers.after(this.limitMs, () => lose(`no progress within ${this.limitMs / 1_000} s`))
      let cancelLimit = limit()
      const restartLimit = () => {
        cancelLimit()
        cancelLimit = limit()
      }
      child.on('message', onMessage).on('exit', onExit).on('error', onError)
      // A process that ends at this moment may report it here only.
      child.send(task, (error) => error && lose(error.message))
    })
  }
}
