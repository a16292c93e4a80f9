import { describe, expect, it } from 'vitest'
import { JobBatches, MAX_STORING } from './job-batches.js'

const SILENCE = new Error('Command timed out')

/** Stores by `behave`; `batches` has what was stored together. */
function batchesOf(behave: (jobs: string[]) => Promise<void> = () => Promise.resolve()) {
  const batches: string[][] = []
  const store = async (jobs: string[]) => {
    batches.push(jobs)
    await behave(jobs)
    return jobs.map((job) => `stored ${job.slice(0, 20)}`)
  }
  return { batches, queue: new JobBatches(store, (job) => job.length) }
}

const names = (count: number, prefix = 'job') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** As many batches of one job each as are stored at once. */
async function startAll<T>(add: (job: string) => Promise<T>, started: () => number): Promise<Promise<T>[]> {
  const added: Promise<T>[] = []
  for (const job of names(MAX_STORING)) {
    added.push(add(job))
    await expect.poll(started).toBe(added.length)
  }
  return added
}

async function outcomes(added: Promise<string>[]): Promise<string[]> {
  const settled = await Promise.allSettled(added)
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))
}

describe('JobBatches', () => {
  it('stores the jobs of one turn together and resolves each with its own result', async () => {
    const { batches, queue } = batchesOf()
    expect(await outcomes(names(3).map((job) => queue.add(job)))).toEqual(['stored job0', 'stored job1', 'stored job2'])
    expect(batches).toEqual([['job0', 'job1', 'job2']])
  })

  it('resolves no job before its batch is durable, and collects the next one while several are being stored', async () => {
    const durable: (() => void)[] = []
    const { batches, queue } = batchesOf(() => new Promise((resolve) => durable.push(resolve)))
    const resolved: string[] = []
    const add = (job: string) => queue.add(job).then((stored) => resolved.push(stored))
    const first = await startAll(add, () => batches.length)
    const others = [add('a'), add('b')]
    await nextTurn()
    expect(resolved).toEqual([])
    expect(batches).toHaveLength(MAX_STORING)
    durable.shift()?.()
    await first[0]
    await expect.poll(() => batches.slice(MAX_STORING)).toEqual([['a', 'b']])
    expect(resolved).toEqual(['stored job0'])
    for (const done of durable.splice(0)) done()
    await Promise.all([...first, ...others])
    expect(resolved).toHaveLength(MAX_STORING + 2)
  })

  it('stores each job alone when one makes the batch fail, so that only that one is rejected', async () => {
    const { queue } = batchesOf((jobs) =>
      jobs.includes('bad') ? Promise.reject(new Error('ERR bad job')) : Promise.resolve(),
    )
    expect(await outcomes(['a', 'bad', 'b'].map((job) => queue.add(job)))).toEqual([
      'stored a',
      'ERR bad job',
      'stored b',
    ])
  })

  it('rejects those that wait, too, when Redis does not reply, and tries again afterwards', async () => {
    const fail: ((error: Error) => void)[] = []
    const { batches, queue } = batchesOf(([job]) =>
      job?.startsWith('job') ? new Promise((_, reject) => fail.push(reject)) : Promise.resolve(),
    )
    const first = await startAll(
      (job) => queue.add(job),
      () => batches.length,
    )
    const waiting = queue.add('waits')
    fail[0]?.(SILENCE)
    expect(await outcomes([first[0]!, waiting])).toEqual([SILENCE.message, SILENCE.message])
    expect(await queue.add('next')).toBe('stored next')
    expect(batches.flat()).not.toContain('waits')
  })

  it('bounds a batch by number and by size', async () => {
    const { batches, queue } = batchesOf()
    const large = 'x'.repeat(600_000)
    await Promise.all([...names(250), large, large, 'last'].map((job) => queue.add(job)))
    expect(batches.map((batch) => batch.length)).toEqual([100, 100, 51, 2])
  })

  it('rejects further jobs while too many wait', async () => {
    const { queue } = batchesOf()
    const added = names(2_001).map((job) => queue.add(job))
    await expect(added.pop()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(new Set((await outcomes(added)).map((one) => one.slice(0, 6)))).toEqual(new Set(['stored']))
  })
})
