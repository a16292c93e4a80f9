import { Injectable, type Type } from '@nestjs/common'
import { DiscoveryModule } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { JobQueues, RetryLaterError } from '../queues/job-queues.js'
import { MemoryJobQueues } from '../queues/memory-job-queues.js'
import { QUEUES } from '../queues/queue-names.js'
import { Clock } from '../time/clock.js'
import { Timers } from '../time/timers.js'
import { VirtualTime } from '../time/virtual-time.js'
import { BackgroundTasks } from './background-tasks.js'
import { DecoratedMethods } from './decorated-methods.js'
import { JobHandler } from './job-handler.js'
import { JobHandlers } from './job-handlers.js'
import { Periodic } from './periodic.js'

/** The tasks of these providers on virtual time, initialized but without the tasks of workers. */
async function boot(...providers: Type[]) {
  const time = new VirtualTime()
  const queues = new MemoryJobQueues(time, time)
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [
      ...providers,
      BackgroundTasks,
      DecoratedMethods,
      JobHandlers,
      { provide: Clock, useValue: time },
      { provide: Timers, useValue: time },
      { provide: JobQueues, useValue: queues },
    ],
  }).compile()
  await module.init()
  const tasks = module.get(BackgroundTasks)
  onTestFinished(() => time.until(module.close(), 60_000))
  return {
    module,
    time,
    queues,
    tasks,
    /** Waits for this much virtual time. */
    pass: (ms: number) => time.until(time.sleep(ms), ms),
    statusOf: (name: string) => tasks.status().find((task) => task.name === name),
  }
}

/** One periodic task whose runs take `takesMs`. */
@Injectable()
class Sweeps {
  readonly every = 1_000
  takesMs = 0
  failures = 0
  running = 0
  overlapped = false
  aborted = 0
  readonly startedAtMs: number[] = []

  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  @Periodic({ name: 'sweep', every: (sweeps: Sweeps) => sweeps.every })
  async sweep(signal: AbortSignal): Promise<void> {
    this.startedAtMs.push(this.clock.monotonicMs())
    this.overlapped ||= this.running > 0
    this.running += 1
    signal.addEventListener('abort', () => this.aborted++)
    if (this.takesMs > 0) await this.timers.sleep(this.takesMs)
    this.running -= 1
    if (this.failures-- > 0) throw new TypeError('no sweep\npossible')
  }
}

@Injectable()
class Modes {
  reads = 0
  @Periodic({ name: 'mode', every: 250, runsIn: 'every process' })
  read(): Promise<void> {
    this.reads += 1
    return Promise.resolve()
  }
}

interface MailJob {
  id: string
}

@Injectable()
class Mails {
  readonly sent: string[] = []
  readonly exhausted: string[] = []

  @JobHandler({
    queue: QUEUES.mails,
    concurrency: 2,
    onExhausted: (mails: Mails, { id }: MailJob, error) => mails.giveUp(id, error),
  })
  send({ id }: MailJob): Promise<void> {
    if (id === 'bad') throw new Error('refused')
    if (id === 'later') throw new RetryLaterError(new Date('2100-01-01'), 'not yet')
    this.sent.push(id)
    return Promise.resolve()
  }

  private giveUp(id: string, { message }: Error): Promise<void> {
    this.exhausted.push(`${id}: ${message}`)
    return Promise.resolve()
  }
}

describe('A periodic task', () => {
  it('runs at once and then after each interval, which may be configured', async () => {
    const { module, tasks, pass } = await boot(Sweeps)
    tasks.start()
    await pass(3_500)
    expect(module.get(Sweeps).startedAtMs).toEqual([0, 1_000, 2_000, 3_000])
  })

  it('never overlaps itself: the interval is a pause between two runs', async () => {
    const { module, tasks, pass } = await boot(Sweeps)
    const sweeps = module.get(Sweeps)
    sweeps.takesMs = 2_500
    tasks.start()
    tasks.start()
    await pass(8_000)
    expect(sweeps.startedAtMs).toEqual([0, 3_500, 7_000])
    expect(sweeps.overlapped).toBe(false)
  })

  it('runs now when it is woken, and once more if it is woken during a run', async () => {
    const { module, tasks, pass } = await boot(Sweeps)
    const sweeps = module.get(Sweeps)
    sweeps.takesMs = 100
    tasks.start()
    await pass(500)
    tasks.wake('sweep')
    await pass(50)
    tasks.wake('sweep')
    tasks.wake('sweep')
    await pass(1_500)
    expect(sweeps.startedAtMs).toEqual([0, 500, 600, 1_700])
    expect(sweeps.overlapped).toBe(false)
  })

  it('is retried after an error, and shows it', async () => {
    const { module, tasks, pass, statusOf } = await boot(Sweeps)
    const sweeps = module.get(Sweeps)
    sweeps.failures = 2
    tasks.start()
    await pass(1_500)
    const lastError = 'TypeError: no sweep possible'
    expect(statusOf('sweep')).toMatchObject({ runs: 2, failuresInARow: 2, lastError })
    await pass(1_000)
    expect(statusOf('sweep')).toEqual({
      kind: 'periodic',
      name: 'sweep',
      runsIn: 'worker',
      started: true,
      everyMs: 1_000,
      runs: 3,
      failuresInARow: 0,
      lastStartedAt: new Date('2026-11-18T13:00:02Z'),
      lastDurationMs: 0,
      lastError,
    })
  })

  it('is aborted at shutdown, which waits for the run in progress', async () => {
    const { module, time, tasks, pass } = await boot(Sweeps)
    const sweeps = module.get(Sweeps)
    sweeps.takesMs = 700
    tasks.start()
    await pass(100)
    await time.until(tasks.beforeApplicationShutdown(), 60_000)
    expect(time.monotonicMs()).toBe(700)
    expect(sweeps).toMatchObject({ aborted: 1, running: 0, startedAtMs: [0] })
    tasks.wake('sweep')
    tasks.start()
    await pass(5_000)
    expect(sweeps.startedAtMs).toEqual([0])
  })

  it('holds up a shutdown for 4 s at most', async () => {
    const { module, time, tasks, pass } = await boot(Sweeps)
    module.get(Sweeps).takesMs = 3_600_000
    tasks.start()
    await pass(1_000)
    await time.until(tasks.beforeApplicationShutdown(), 60_000)
    expect(time.monotonicMs()).toBe(5_000)
  })

  it('of every process has run once when the process is initialized; one of workers runs only there', async () => {
    const { module, tasks, pass, statusOf } = await boot(Modes, Sweeps)
    const modes = module.get(Modes)
    expect(modes.reads).toBe(1)
    await pass(1_100)
    expect(modes.reads).toBe(5)
    expect(module.get(Sweeps).startedAtMs).toEqual([])
    tasks.wake('sweep')
    expect(statusOf('sweep')).toMatchObject({ started: false, runs: 0, lastStartedAt: null, lastDurationMs: null })
    tasks.start()
    await pass(100)
    expect(module.get(Sweeps).startedAtMs).toEqual([1_100])
    expect(modes.reads).toBe(5)
  })

  it('can be started alone by its class', async () => {
    const { module, tasks, pass, statusOf } = await boot(Sweeps, Mails)
    tasks.start(Mails)
    await pass(2_000)
    expect(module.get(Sweeps).startedAtMs).toEqual([])
    expect([statusOf('sweep')?.started, statusOf('mails')?.started]).toEqual([false, true])
  })

  it('cannot be woken by a name that does not exist', async () => {
    const { tasks } = await boot(Sweeps)
    expect(() => tasks.wake('sweeep')).toThrow('there is no periodic task named "sweeep"')
  })
})

describe('A job handler', () => {
  it('runs the jobs of its queue once workers are started, and its exhausted jobs are passed on', async () => {
    const { module, queues, tasks, pass, statusOf } = await boot(Mails)
    const mails = module.get(Mails)
    await queues.addAll(
      QUEUES.mails,
      ['a', 'bad', 'b'].map((id) => ({ name: 'send', data: { id } })),
    )
    await pass(100)
    expect(mails.sent).toEqual([])
    tasks.start()
    await pass(100)
    expect(mails).toMatchObject({ sent: ['a', 'b'], exhausted: ['bad: refused'] })
    expect(statusOf('mails')).toMatchObject({
      kind: 'job handler',
      everyMs: null,
      runs: 3,
      failuresInARow: 0,
      lastError: 'Error: refused',
    })
  })

  it('that postpones a job has not failed', async () => {
    const { queues, tasks, pass, statusOf } = await boot(Mails)
    tasks.start()
    await queues.add(QUEUES.mails, { name: 'send', data: { id: 'later' } })
    await pass(100)
    expect(statusOf('mails')).toMatchObject({ runs: 1, failuresInARow: 0, lastError: null })
  })
})

describe('The start fails', () => {
  class OtherMode {
    @Periodic({ name: 'mode', every: 250 })
    read(): Promise<void> {
      return Promise.resolve()
    }
  }
  class OtherMails {
    @JobHandler({ queue: QUEUES.mails, concurrency: 1 })
    send(): Promise<void> {
      return Promise.resolve()
    }
  }
  class Unnamed {
    @Periodic({ name: ' ', every: 250 })
    run(): Promise<void> {
      return Promise.resolve()
    }
  }
  class Restless {
    @Periodic({ name: 'restless', every: () => Number.NaN })
    run(): Promise<void> {
      return Promise.resolve()
    }
  }
  it.each([
    ['two periodic tasks have one name', [Modes, OtherMode], /OtherMode.read.*periodic.*"mode"/],
    ['a queue has two handlers', [Mails, OtherMails], /OtherMails.send.*job handler.*"mails"/],
    ['a task has no name', [Unnamed], 'Unnamed.run: the periodic task has no name'],
    ['an interval is not positive', [Restless], 'Restless.run: @Periodic needs an interval above 0, not NaN'],
  ])('when %s', async (_, providers, message) => {
    await expect(boot(...providers)).rejects.toThrow(message)
  })
})
