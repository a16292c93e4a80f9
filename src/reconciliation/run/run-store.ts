export const RUN_STATES = ['RUNNING', 'SUCCEEDED', 'FAILED'] as const
export type RunState = (typeof RUN_STATES)[number]

export const RUN_TRIGGERS = ['NIGHTLY', 'OPERATOR', 'CLI'] as const
export type RunTrigger = (typeof RUN_TRIGGERS)[number]

/** A comparison of the ledger with the platforms, as recorded. */
export interface ReconciliationRun {
  id: string
  state: RunState
  trigger: RunTrigger
  dryRun: boolean
  /** Null: all events that are live when the run starts. */
  eventId: string | null
  requestedBy: string | null
  /** Null: not counted yet. */
  eventsTotal: number | null
  eventsDone: number
  /** The last completed event, where an aborted run resumes; null: none. */
  position: string | null
  /** How often it was started or resumed since it last completed an event. */
  attempts: number
  /** Why it failed, or why its last attempt was aborted. */
  reason: string | null
  startedAt: Date
  finishedAt: Date | null
}

export type NewRun = Pick<ReconciliationRun, 'id' | 'trigger' | 'dryRun' | 'eventId' | 'requestedBy'>

export type RunChange = Partial<
  Pick<ReconciliationRun, 'state' | 'eventsDone' | 'position' | 'attempts' | 'reason' | 'finishedAt'>
>

/** Which events a run compares: one in any state, or all that were live at `startedAt`. */
export type RunScope = Pick<ReconciliationRun, 'eventId' | 'startedAt'>

/** Rows of reconciliation runs. At most one is RUNNING. */
export abstract class RunStore {
  /** Stores a run that is RUNNING from now on. Throws a unique violation while another one is. */
  abstract create(run: NewRun): Promise<ReconciliationRun>

  /** Null: unknown. */
  abstract find(runId: string): Promise<ReconciliationRun | null>

  /** The run that is RUNNING; null: none is. */
  abstract running(): Promise<ReconciliationRun | null>

  /** The nightly run with the largest id, whatever its state; null: there was none. */
  abstract lastNightly(): Promise<ReconciliationRun | null>

  /** Up to `limit` runs by descending id, with the number of their items; only those with ids below `before`, if passed. */
  abstract newest(before: string | undefined, limit: number): Promise<(ReconciliationRun & { itemCount: number })[]>

  /** Counts one more attempt. Rejects if there is no such run. */
  abstract startAttempt(runId: string, eventsTotal: number): Promise<void>

  /** Rejects if there is no such run. */
  abstract update(runId: string, change: RunChange): Promise<void>

  abstract countEvents(scope: RunScope): Promise<number>

  /** The smallest id of the scope's events after `position`, or of all of them; null: none is left. */
  abstract nextEvent(scope: RunScope, position: string | null): Promise<string | null>
}
