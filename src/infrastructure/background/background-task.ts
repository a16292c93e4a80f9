import type { RunRecord } from './run-record.js'

export const TASK_KINDS = ['periodic', 'job handler', 'stock listener'] as const
export type TaskKind = (typeof TASK_KINDS)[number]

/** `worker`: from `BackgroundTasks.start` on. `every process`: also in the `api` role and in commands, from startup on. */
export type RunsIn = 'worker' | 'every process'

/** Work without a request. */
export interface BackgroundTask {
  readonly kind: TaskKind
  /** Unique within its kind. */
  readonly name: string
  readonly runsIn: RunsIn
  /** `Class.method`. */
  readonly declaredBy: string
  /** The instance that declares it. */
  readonly provider: object
  /** Pause between runs, ms; null: runs when something happens. */
  readonly everyMs: number | null
  readonly record: RunRecord
  /** Called once. Never rejects; a periodic task resolves after its first run. */
  start(): Promise<void>
  /** Called once, after `start`. Starts no further run and resolves after the one in progress. */
  stop(): Promise<void>
}
