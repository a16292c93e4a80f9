import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { SystemTimers } from '../../src/infrastructure/time/system-time.js'
import type { RunResult } from '../run/run-scenario.js'

/** A fault may keep a scenario from ending: a run usually takes a few seconds. */
const LIMIT_MS = 180_000

const TIMERS = new SystemTimers()

/** A process that runs one seed after another. `script`: next to this module, without its extension. */
export class SeedProcess {
  private readonly child
  private previous: Promise<unknown> = Promise.resolve()

  constructor(script: string, ...args: string[]) {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
    this.child = fork(fileURLToPath(new URL(`${script}${extension}`, import.meta.url)), args)
  }

  /** Rejects when the process ends or the run does not end in time. */
  run(seed: number): Promise<RunResult> {
    const result = this.previous.then(() => this.runNext(seed))
    this.previous = result.catch(() => undefined)
    return result
  }

  end(): void {
    this.child.kill()
  }

  private runNext(seed: number): Promise<RunResult> {
    const { child } = this
    return new Promise((resolve, reject) => {
      const endLimit = TIMERS.after(LIMIT_MS, () => onEnd(new Error(`seed ${seed} does not end`)))
      const onMessage = (result: RunResult) => onEnd(result)
      const onExit = (code: number | null) => onEnd(new Error(`seed ${seed} ended its process with ${code}`))
      const onEnd = (result: RunResult | Error) => {
        endLimit()
        child.off('message', onMessage).off('exit', onExit)
        if (result instanceof Error) reject(result)
        else resolve(result)
      }
      if (child.exitCode !== null) return onExit(child.exitCode)
      child.on('message', onMessage).on('exit', onExit)
      child.send(seed)
    })
  }
}
