import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Type,
} from '@nestjs/common'
import { Clock } from '../time/clock.js'
import { Timers } from '../time/timers.js'
import { waitAtMost } from '../time/with-timeout.js'
import type { BackgroundTask, RunsIn, TaskKind } from './background-task.js'
import { DecoratedMethods } from './decorated-methods.js'
import { PERIODIC, type PeriodicOptions } from './periodic.js'
import { PeriodicTask } from './periodic-task.js'

/** With the job queues, which wait 5 s, a shutdown stays below the 10 s after which the process exits anyway. */
const STOP_TIMEOUT_MS = 4_000

export interface TaskStatus {
  kind: TaskKind
  name: string
  runsIn: RunsIn
  /** Whether this process runs it. */
  started: boolean
  /** Pause between runs, ms; null: runs when something happens. */
  everyMs: number | null
  /** Runs that this process has started. */
  runs: number
  failuresInARow: number
  lastStartedAt: Date | null
  /** Of the run that ended last, ms. */
  lastDurationMs: number | null
  /** Of the last failed run, in one line; kept when a later run succeeds. */
  lastError: string | null
}

/**
 * Everything that this process does without a request, as declared by `@Periodic`, `@JobHandler` and the decorators of
 * features. A missing or duplicate name fails the start.
 */
@Injectable()
export class BackgroundTasks implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Background')
  private readonly tasks: BackgroundTask[] = []
  private readonly started = new Set<BackgroundTask>()
  private stopping = false

  constructor(
    private readonly methods: DecoratedMethods,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  onModuleInit(): void {
    for (const method of this.methods.find<PeriodicOptions>(PERIODIC))
      this.add(new PeriodicTask(method, this.clock, this.timers))
  }

  /** Every module has added its tasks by now. */
  async onApplicationBootstrap(): Promise<void> {
    await Promise.all(this.launch(this.tasks.filter(({ runsIn }) => runsIn === 'every process')))
  }

  /** For other decorators, in `onModuleInit`. Throws Error for a missing or duplicate name. */
  add(task: BackgroundTask): void {
    const { kind, name, declaredBy } = task
    if (name.trim() === '') throw new Error(`${declaredBy}: the ${kind} task has no name`)
    const other = this.tasks.find((one) => one.kind === kind && one.name === name)
    if (other) throw new Error(`${other.declaredBy} and ${declaredBy}: two tasks of kind ${kind} are named "${name}"`)
    this.tasks.push(task)
  }

  /**
   * Starts the tasks of the worker role, once the process accepts requests; only those that these classes declare, if any
   * are given. Does nothing for tasks that run already, nor in a process that is stopping.
   */
  start(...declaredBy: readonly Type[]): void {
    const isChosen = (task: BackgroundTask) =>
      task.runsIn === 'worker' && (declaredBy.length === 0 || declaredBy.some((type) => task.provider instanceof type))
    void Promise.all(this.launch(this.tasks.filter(isChosen)))
  }

  /**
   * Starts the next run of a periodic task now; if one is in progress, another follows at once. Does nothing in a process
   * that does not run it. Throws Error for an unknown name.
   */
  wake(name: string): void {
    const task = this.tasks.find((one) => one instanceof PeriodicTask && one.name === name)
    if (!(task instanceof PeriodicTask)) throw new Error(`there is no periodic task named "${name}"`)
    if (this.started.has(task)) task.wake()
  }

  /** All tasks, whether this process runs them or not, by kind and name. */
  status(): TaskStatus[] {
    return this.tasks
      .map((task) => ({
        kind: task.kind,
        name: task.name,
        runsIn: task.runsIn,
        started: this.started.has(task),
        everyMs: task.everyMs,
        runs: task.record.runs,
        failuresInARow: task.record.failuresInARow,
        lastStartedAt: task.record.lastStartedAt,
        lastDurationMs: task.record.lastDurationMs,
        lastError: task.record.lastError,
      }))
      .toSorted((a, b) => b.kind.localeCompare(a.kind) || a.name.localeCompare(b.name))
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true
    const running = new Set(this.started)
    const stop = async (task: BackgroundTask) => {
      await task.stop()
      running.delete(task)
    }
    await waitAtMost(STOP_TIMEOUT_MS, () => Promise.all([...this.started].map(stop)), this.timers)
    if (running.size > 0)
      this.logger.warn({ tasks: [...running].map(({ name }) => name) }, 'tasks are still running at shutdown')
  }

  /** Starts those that are not started yet. */
  private launch(tasks: readonly BackgroundTask[]): Promise<void>[] {
    if (this.stopping) return []
    const idle = tasks.filter((task) => !this.started.has(task))
    for (const task of idle) this.started.add(task)
    return idle.map((task) => task.start())
  }
}
