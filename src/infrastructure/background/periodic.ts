import { markMethod } from './decorated-methods.js'
import type { RunsIn } from './background-task.js'

export const PERIODIC = Symbol('periodic')

export interface PeriodicOptions<Provider extends object = object> {
  /** In plain words, unique among periodic tasks, e.g. `pending sweep`. */
  name: string
  /** Pause between two runs, ms; a function where it is configured. */
  every: number | ((provider: Provider) => number)
  /** Default `worker`. With `every process`, startup waits for the first run. */
  runsIn?: RunsIn
}

/**
 * Repeats the method of a provider, first at once. Runs never overlap. A run that rejects is logged and does not end the
 * repetition. The signal is aborted at shutdown, which waits a few seconds for the run in progress.
 */
export function Periodic<Provider extends object = object>(options: PeriodicOptions<Provider>) {
  return <Method extends (signal: AbortSignal) => Promise<unknown>>(
    _target: Provider,
    _key: string,
    { value }: TypedPropertyDescriptor<Method>,
  ): void => {
    if (value) markMethod(PERIODIC, value, options)
  }
}
