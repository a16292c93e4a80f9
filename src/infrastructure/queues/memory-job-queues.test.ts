import { Logger } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../time/virtual-time.js'
import { RetryLaterError } from './job-queues.js'
import { MemoryJobQueues } from './memory-job-queues.js'
import { QUEUES } from './queue-names.js'

Logger.overrideLogger(false)

const QUEUE = QUEUES.mails
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** What takes too long in real time; the suite of both implementations: test/integration/infrastructure/job-queues.test.ts. */
describe('Job queues in memory', () => {
  it('count failures that an unavailable server causes once a job is older than 15 minutes', async () => {
    const time = new VirtualTime()
    const queues = new MemoryJobQueues(time, time)
    let runs = 0
    const startedAt = time.ms()
    const exhausted = new Promise<number>((resolve) => {
      queues.process({
        queue: QUEUE,
        concurrency: 1,
        handle: () => {
          runs++
          return Promise.reject(new Error('Connection is closed.'))
        },
        onExhausted: () => Promise.resolve(resolve(time.ms() - startedAt)),
      })
    })
    await queues.add(QUEUE, { name: 'send', data: {}, attempts: 2, backoffMs: 5_000 })
    expect(await time.until(exhausted, DAY_MS)).toBe(15 * MINUTE_MS + 5_000)
    expect(runs).toBe(902)
  })

  it('keep a thousand failed jobs, and release the ids of older ones', async () => {
    const time = new VirtualTime()
    const queues = new MemoryJobQueues(time, time)
    const ran: number[] = []
    queues.process<{ n: number }>({
      queue: QUEUE,
      concurrency: 1,
      handle: ({ n }) => {
        ran.push(n)
        return Promise.reject(new Error('refused'))
      },
    })
    const job = (n: number) => ({ name: 'send', data: { n }, id: `mail-${n}` })
    await queues.addAll(
      QUEUE,
      Array.from({ length: 1_001 }, (_, n) => job(n)),
    )
    await time.until(time.sleep(1), DAY_MS)
    expect(await queues.status(QUEUE)).toMatchObject({ waiting: 0, failed: 1_000 })
    await queues.addAll(QUEUE, [job(1), job(0)])
    await time.until(time.sleep(8 * DAY_MS), 9 * DAY_MS)
    await queues.add(QUEUE, job(2_000))
    await time.until(time.sleep(1), DAY_MS)
    expect(ran.slice(1_001)).toEqual([0, 2_000])
    expect(await queues.status(QUEUE)).toMatchObject({ failed: 1 })
  })

  it('let time pass between runs of a job that is always overdue', async () => {
    const time = new VirtualTime()
    const queues = new MemoryJobQueues(time, time)
    let runs = 0
    queues.process({
      queue: QUEUE,
      concurrency: 1,
      handle: () => {
        runs++
        return Promise.reject(new RetryLaterError(time.now(), 'throttled'))
      },
    })
    await queues.add(QUEUE, { name: 'send', data: {} })
    await time.until(time.sleep(100), DAY_MS)
    expect(runs).toBeGreaterThanOrEqual(100)
    expect(runs).toBeLessThanOrEqual(101)
  })
})
