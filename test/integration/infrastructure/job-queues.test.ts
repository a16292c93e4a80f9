import { Logger } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { RetryLaterError, type JobOptions, type Processor } from '../../../src/infrastructure/queues/job-queues.js'
import { QUEUES } from '../../../src/infrastructure/queues/queue-names.js'
import { jobQueuesInMemory, jobQueuesInRedis, type JobQueuesSetup } from '../../support/fixtures/job-queues.js'

Logger.overrideLogger(false)

const QUEUE = QUEUES.reads
/** Timers may fire up to 1 ms early, and a delay starts at a full millisecond. */
const TOLERANCE_MS = 2

interface Work {
  key: string
}

interface Harness extends JobQueuesSetup {
  /** The jobs that were started, with their times (ms). */
  starts: { key: string; at: number }[]
  keys: () => string[]
  /** Milliseconds between the starts of the jobs. */
  gaps: () => number[]
  exhausted: [key: string, message: string][]
  add: (key: string, options?: JobOptions) => Promise<void>
  /** Records each start, then runs `work`. */
  process: (work?: (key: string, start: number) => Promise<void>, options?: Partial<Processor<Work>>) => void
  until: (isDone: () => boolean | Promise<boolean>) => Promise<void>
}

function harnessOf(setup: JobQueuesSetup): Harness {
  const { queues, clock, timers } = setup
  const starts: Harness['starts'] = []
  const exhausted: Harness['exhausted'] = []
  return {
    ...setup,
    starts,
    exhausted,
    keys: () => starts.map(({ key }) => key),
    gaps: () => starts.slice(1).map(({ at }, index) => at - (starts[index]?.at ?? 0)),
    add: (key, options) => queues.add(QUEUE, { name: 'work', data: { key }, ...options }),
    process: (work, options) =>
      queues.process<Work>({
        queue: QUEUE,
        concurrency: 1,
        handle: async ({ key }) => {
          starts.push({ key, at: clock.monotonicMs() })
          await work?.(key, starts.length)
        },
        onExhausted: ({ key }, { message }) => Promise.resolve(void exhausted.push([key, message])),
        ...options,
      }),
    async until(isDone) {
      const deadline = clock.monotonicMs() + 8_000
      while (!(await isDone())) {
        if (clock.monotonicMs() > deadline) throw new Error(`not done; started: ${starts.map(({ key }) => key).join()}`)
        await timers.sleep(5)
      }
    },
  }
}

function latch() {
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  return { released, release }
}

/** One suite for both implementations of the port. */
describe.each([
  ['in Redis', jobQueuesInRedis],
  ['in memory', jobQueuesInMemory],
])('Job queues %s', (_name, start) => {
  const scenario = (sentence: string, body: (harness: Harness) => Promise<void>) =>
    it(sentence, async () => {
      const setup = await start()
      try {
        await setup.run(body(harnessOf(setup)))
      } finally {
        await setup.close()
      }
    })

  scenario('pass data as JSON, as it was when the job was added', async ({ queues, until }) => {
    const received: object[] = []
    const data = { at: new Date(0), missing: undefined, list: [1] }
    const added = queues.add(QUEUE, { name: 'work', data })
    data.list.push(2)
    await added
    queues.process({ queue: QUEUE, concurrency: 1, handle: (job) => Promise.resolve(void received.push(job)) })
    await until(() => received.length === 1)
    expect(received).toEqual([{ at: '1970-01-01T00:00:00.000Z', list: [1] }])
    expect(Object.keys(received[0] ?? {})).not.toContain('missing')
  })

  scenario('start jobs in the order of their addition, up to the concurrency at a time', async (harness) => {
    const { queues, process, until, keys, timers } = harness
    const all = ['a', 'b', 'c', 'd', 'e', 'f']
    await queues.addAll(
      QUEUE,
      all.map((key) => ({ name: 'work', data: { key } })),
    )
    let running = 0
    const counts: number[] = []
    const work = async () => {
      counts.push(++running)
      await timers.sleep(20)
      running--
    }
    process(work, { concurrency: 2 })
    await until(() => keys().length === all.length && running === 0)
    expect(keys()).toEqual(all)
    expect(Math.max(...counts)).toBe(2)
  })

  scenario('keep queues apart', async ({ add, process, until, keys, queues }) => {
    await queues.add(QUEUES.mails, { name: 'work', data: { key: 'mail' }, id: 'same' })
    process()
    await add('read', { id: 'same' })
    await until(() => keys().length === 1)
    expect(keys()).toEqual(['read'])
    expect(await queues.status(QUEUES.mails)).toMatchObject({ waiting: 1 })
  })

  scenario('start a delayed job no earlier than it is due', async ({ add, process, until, keys, starts, clock }) => {
    process()
    const addedAt = clock.monotonicMs()
    await add('later', { delayMs: 150 })
    await add('latest', { delayMs: 200 })
    await add('now')
    await until(() => keys().length === 3)
    expect(keys()).toEqual(['now', 'later', 'latest'])
    expect(Number(starts[1]?.at) - addedAt).toBeGreaterThanOrEqual(150 - TOLERANCE_MS)
    expect(Number(starts[2]?.at) - addedAt).toBeGreaterThanOrEqual(200 - TOLERANCE_MS)
  })

  scenario('deduplicate until a job is done: while it waits, is delayed and runs', async (harness) => {
    const { add, process, until, keys, timers } = harness
    const gate = latch()
    const deduplication = { id: 'x:y' }
    await add('delayed', { deduplication, delayMs: 60 })
    await add('while delayed', { deduplication })
    await add('other', { deduplication: { id: 'other' } })
    process((key) => (key === 'delayed' ? gate.released : Promise.resolve()))
    await until(() => keys().includes('delayed'))
    await add('while running', { deduplication })
    await add('waiting', { deduplication: { id: 'z' } })
    await add('while waiting', { deduplication: { id: 'z' } })
    gate.release()
    await until(() => keys().includes('waiting'))
    await timers.sleep(20)
    await add('afterwards', { deduplication })
    await until(() => keys().includes('afterwards'))
    expect(keys()).toEqual(['other', 'delayed', 'waiting', 'afterwards'])
  })

  scenario('deduplicate while a job is retried, until it has finally failed', async (harness) => {
    const { add, process, until, keys, exhausted } = harness
    const deduplication = { id: 'x' }
    process(() => Promise.reject(new Error('refused')))
    await add('first', { deduplication, attempts: 2, backoffMs: 60 })
    await until(() => keys().length === 1)
    await add('between', { deduplication })
    await until(() => exhausted.length === 1)
    await add('second', { deduplication })
    await until(() => exhausted.length === 2)
    expect(keys()).toEqual(['first', 'first', 'second'])
  })

  scenario('deduplicate for a limited time, whether or not the job is done by then', async (harness) => {
    const { add, process, until, keys, timers } = harness
    const gate = latch()
    const deduplication = { id: 'x', ttlMs: 120 }
    process((key) => (key === 'slow' ? gate.released : Promise.resolve()), { concurrency: 2 })
    await add('quick', { deduplication })
    await until(() => keys().length === 1)
    await timers.sleep(20)
    await add('after the quick one', { deduplication })
    await timers.sleep(120)
    await add('slow', { deduplication })
    await until(() => keys().length === 2)
    await add('during the slow one', { deduplication })
    await timers.sleep(140)
    await add('next', { deduplication })
    await until(() => keys().length === 3)
    gate.release()
    expect(keys()).toEqual(['quick', 'slow', 'next'])
  })

  scenario('coalesce requests: one made after a delayed job may start gets a job of its own', async (harness) => {
    const { add, process, until, keys } = harness
    const gate = latch()
    const coalesced = { delayMs: 60, deduplication: { id: 'x', ttlMs: 60 } }
    process((key) => (key === 'first' ? gate.released : Promise.resolve()))
    await add('first', coalesced)
    await add('same window', coalesced)
    await until(() => keys().length === 1)
    await add('next window', coalesced)
    gate.release()
    await until(() => keys().length === 2)
    expect(keys()).toEqual(['first', 'next window'])
  })

  scenario('ignore the id of a job that is queued or kept, not of one that is done', async (harness) => {
    const { add, process, until, keys, exhausted, timers, queues } = harness
    await add('done', { id: 'a' })
    await add('queued', { id: 'a' })
    process((key) => (key.includes('fail') ? Promise.reject(new Error('refused')) : Promise.resolve()))
    await until(() => keys().length === 1)
    await timers.sleep(20)
    await add('again', { id: 'a' })
    await add('fails', { id: 'b' })
    await add('fails unkept', { id: 'c', keepFailed: false })
    await until(() => exhausted.length === 2)
    await add('kept', { id: 'b' })
    await add('unkept again', { id: 'c' })
    await until(() => keys().length === 5)
    expect(keys()).toEqual(['done', 'again', 'fails', 'fails unkept', 'unkept again'])
    expect(await queues.status(QUEUE)).toMatchObject({ failed: 1 })
  })

  scenario('retry a failing job with doubling delays, then report it once', async (harness) => {
    const { add, process, until, keys, gaps, exhausted, timers } = harness
    process((_key, attempt) => Promise.reject(new Error(`failure ${attempt}`)))
    await add('a', { attempts: 3, backoffMs: 60 })
    await until(() => exhausted.length > 0)
    await timers.sleep(50)
    expect(keys()).toEqual(['a', 'a', 'a'])
    expect(gaps()[0]).toBeGreaterThanOrEqual(60 - TOLERANCE_MS)
    expect(gaps()[1]).toBeGreaterThanOrEqual(120 - TOLERANCE_MS)
    expect(exhausted).toEqual([['a', 'failure 3']])
  })

  scenario('run a job once without attempts, and again at once without a backoff', async (harness) => {
    const { add, process, until, keys, exhausted } = harness
    process(() => Promise.reject(new Error('refused')))
    await add('once')
    await add('twice', { attempts: 2 })
    await until(() => exhausted.length === 2)
    expect(keys()).toEqual(['once', 'twice', 'twice'])
  })

  scenario('retry later as often as a job requests it, without counting an attempt', async (harness) => {
    const { add, process, until, keys, gaps, exhausted, clock } = harness
    const deduplication = { id: 'x' }
    process(async (_key, attempt) => {
      if (attempt === 2) await add('ignored', { deduplication })
      if (attempt < 4) throw new RetryLaterError(new Date(clock.now().getTime() + 60), 'not yet')
      throw new Error('refused')
    })
    await add('a', { deduplication })
    await until(() => exhausted.length === 1)
    expect(keys()).toEqual(['a', 'a', 'a', 'a'])
    for (const gap of gaps()) expect(gap).toBeGreaterThanOrEqual(60 - TOLERANCE_MS)
    expect(exhausted).toEqual([['a', 'refused']])
  })

  scenario('retry after a second, without counting, while a server is unavailable', async (harness) => {
    const { add, process, until, keys, gaps, exhausted } = harness
    process((_key, attempt) => (attempt === 1 ? Promise.reject(new Error('Connection is closed.')) : Promise.resolve()))
    await add('a')
    await until(() => keys().length === 2)
    expect(gaps()[0]).toBeGreaterThanOrEqual(1_000 - TOLERANCE_MS)
    expect(exhausted).toEqual([])
  })

  scenario('run no job while the process is out of service', async ({ add, process, until, keys, timers, state }) => {
    state.takeOut('cannot reach Redis')
    process()
    await add('a')
    await timers.sleep(100)
    expect(keys()).toEqual([])
    state.takeOut(null)
    await until(() => keys().length === 1)
  })

  scenario('continue when the handling of an exhausted job fails', async ({ add, process, until, keys, queues }) => {
    const onExhausted = () => Promise.reject(new Error('not stored either'))
    process((key) => (key === 'a' ? Promise.reject(new Error('refused')) : Promise.resolve()), { onExhausted })
    await add('a')
    await add('b')
    await until(() => keys().length === 2)
    expect(await queues.status(QUEUE)).toMatchObject({ failed: 1 })
  })

  scenario('keep no data of a failed job that was handled, and all of one that was not', async (harness) => {
    const { add, process, until, keys, exhausted, queues, timers } = harness
    process(() => Promise.reject(new Error('refused')), {
      removeExhausted: ({ key }) => key !== 'kept',
      onExhausted: ({ key }, { message }) => {
        if (key === 'not handled') return Promise.reject(new Error('not stored either'))
        exhausted.push([key, message])
        return Promise.resolve()
      },
    })
    const failed = async () => (await queues.status(QUEUE)).failed
    const deduplication = { id: 'x', ttlMs: 60_000 }
    await add('handled', { id: 'a', deduplication })
    await add('not handled', { id: 'b' })
    await add('kept', { id: 'c' })
    await until(async () => exhausted.length === 2 && (await failed()) === 2)
    await timers.sleep(20)
    await add('b again', { id: 'b' })
    await add('c again', { id: 'c' })
    await add('a again', { id: 'a', deduplication })
    await until(async () => keys().length > 3 && (await failed()) === 2)
    expect(keys()).toEqual(['handled', 'not handled', 'kept', 'a again'])
    expect(await failed()).toBe(2)
  })

  scenario('handle an exhausted job later whose process ended before it was handled', async (harness) => {
    const { add, process, until, keys, exhausted, queues, clock } = harness
    let ended = true
    process(() => Promise.reject(new Error('refused')), {
      removeExhausted: ({ key }) => key !== 'kept',
      onExhausted: ({ key }, { message }) => {
        if (ended) return new Promise(() => undefined)
        exhausted.push([key, message])
        return Promise.resolve()
      },
    })
    const failed = async () => (await queues.status(QUEUE)).failed
    for (const key of ['kept', 'a', 'b']) await add(key, { id: key })
    await until(async () => keys().length === 3 && (await failed()) === 3)
    ended = false
    // Its process may still be about to handle it.
    await queues.retryExhausted(new Date(clock.now().getTime() - 60_000))
    expect(exhausted).toEqual([])
    await queues.retryExhausted(new Date(clock.now().getTime() + 1_000))
    expect(exhausted).toEqual([
      ['a', 'refused'],
      ['b', 'refused'],
    ])
    await until(async () => (await failed()) === 1)
    await queues.retryExhausted(new Date(clock.now().getTime() + 1_000))
    expect(exhausted).toHaveLength(2)
  })

  scenario('keep an exhausted job for the next time when its handling fails again', async (harness) => {
    const { add, process, until, queues, clock } = harness
    let calls = 0
    const onExhausted = () => (++calls < 3 ? Promise.reject(new Error('not stored')) : Promise.resolve())
    process(() => Promise.reject(new Error('refused')), { onExhausted, removeExhausted: () => true })
    const failed = async () => (await queues.status(QUEUE)).failed
    await add('a')
    await until(async () => calls === 1 && (await failed()) === 1)
    for (const left of [1, 0]) {
      await queues.retryExhausted(new Date(clock.now().getTime() + 1_000))
      await until(async () => (await failed()) === left)
    }
    expect(calls).toBe(3)
  })

  scenario('read kept exhausted jobs again only once an hour, those to be handled each time', async (harness) => {
    const { add, process, until, queues, clock, timers } = harness
    const read: string[] = []
    process(() => Promise.reject(new Error('refused')), {
      removeExhausted: ({ key }) => {
        read.push(key)
        return key === 'unstored'
      },
      onExhausted: ({ key }) => (key === 'unstored' ? Promise.reject(new Error('not stored')) : Promise.resolve()),
    })
    const failed = async () => (await queues.status(QUEUE)).failed
    for (const key of ['a', 'b']) await add(key)
    await until(async () => (await failed()) === 2 && read.length === 2)
    await timers.sleep(20)
    await add('unstored')
    await until(async () => (await failed()) === 3)
    const now = clock.now().getTime()
    const readAfter = async (minutes: number) => {
      read.length = 0
      await queues.retryExhausted(new Date(now + minutes * 60_000))
      return [...new Set(read)].toSorted()
    }
    expect(await readAfter(2)).toEqual(['a', 'b', 'unstored'])
    expect(await readAfter(3)).toEqual(['unstored'])
    expect(await readAfter(61)).toEqual(['unstored'])
    expect(await readAfter(62)).toEqual(['a', 'b', 'unstored'])
  })

  scenario('report what waits, since when, and who processes it', async ({ add, process, until, queues, clock }) => {
    expect(await queues.status(QUEUE)).toEqual({ waiting: 0, failed: 0, processors: 0, oldestWaitingSince: null })
    const before = clock.now()
    await add('a')
    await add('b')
    await add('delayed', { delayMs: 60_000 })
    const { oldestWaitingSince, ...counts } = await queues.status(QUEUE)
    expect(counts).toEqual({ waiting: 2, failed: 0, processors: 0 })
    expect(oldestWaitingSince?.getTime()).toBeGreaterThanOrEqual(before.getTime())
    expect(oldestWaitingSince?.getTime()).toBeLessThanOrEqual(clock.now().getTime())
    process()
    await until(async () => {
      const { waiting, processors } = await queues.status(QUEUE)
      return waiting === 0 && processors === 1
    })
  })

  scenario('shut down when running jobs are done, and start no other', async (harness) => {
    const { add, process, until, keys, queues, timers } = harness
    let done = false
    process(async () => {
      await timers.sleep(150)
      done = true
    })
    await add('running')
    await add('waiting')
    await until(() => keys().length === 1)
    await queues.beforeApplicationShutdown()
    expect(done).toBe(true)
    await add('added later')
    await timers.sleep(50)
    expect(keys()).toEqual(['running'])
    expect(await queues.status(QUEUE)).toMatchObject({ waiting: 2 })
  })

  scenario('shut down after 5 s although a job is still running', async (harness) => {
    const { add, process, until, keys, queues, clock } = harness
    const gate = latch()
    process(() => gate.released)
    await add('endless')
    await until(() => keys().length === 1)
    const before = clock.monotonicMs()
    await queues.beforeApplicationShutdown()
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(5_000 - TOLERANCE_MS)
    expect(clock.monotonicMs() - before).toBeLessThan(6_000)
    gate.release()
  })
})
