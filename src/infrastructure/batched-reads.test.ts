import { expect, it, vi } from 'vitest'
import { BatchedReads } from './batched-reads.js'
import { withWorkClass, workClass } from './work-class.js'

/** Reads that end when the test ends them, in the order in which they started. */
function controlledReads() {
  const values = new Map<string, string>()
  const started: { keys: string[]; workClass: unknown; end: (error?: Error) => void }[] = []
  const reads = new BatchedReads<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        // What is stored when the query runs.
        const found = new Map(keys.flatMap((key) => (values.has(key) ? [[key, values.get(key) ?? '']] : [])))
        const end = (error?: Error) => (error ? reject(error) : resolve(found))
        started.push({ keys, workClass: workClass(), end })
      }),
  )
  const untilStarted = (count: number) => vi.waitFor(() => expect(started).toHaveLength(count))
  return { values, started, reads, untilStarted }
}

it('What is requested in one tick is read in one query, each key once', async () => {
  const { values, started, reads, untilStarted } = controlledReads()
  values.set('a', 'of a')
  const results = Promise.all([reads.get('a'), reads.get('b'), reads.get('a')])
  await untilStarted(1)
  started[0]?.end()
  expect(await results).toEqual(['of a', undefined, 'of a'])
  expect(started.map(({ keys }) => keys)).toEqual([['a', 'b']])
})

it('A value is never older than its request', async () => {
  const { values, started, reads, untilStarted } = controlledReads()
  values.set('a', 'before')
  const first = reads.get('a')
  await untilStarted(1)
  values.delete('a')
  const second = reads.get('a')
  await untilStarted(2)
  for (const read of started) read.end()
  expect(await first).toBe('before')
  expect(await second).toBeUndefined()
})

it('One query that does not return does not stop others, and requests gather while two are in progress', async () => {
  const { started, reads, untilStarted } = controlledReads()
  const stuck = reads.get('stuck')
  await untilStarted(1)
  const second = reads.get('b')
  await untilStarted(2)
  const later = Promise.all([reads.get('c'), reads.get('d')])
  started[1]?.end()
  expect(await second).toBeUndefined()
  await untilStarted(3)
  expect(started[2]?.keys).toEqual(['c', 'd'])
  started[2]?.end()
  expect(await later).toEqual([undefined, undefined])
  started[0]?.end()
  expect(await stuck).toBeUndefined()
})

it('A failed query fails only its own callers', async () => {
  const { started, reads, untilStarted } = controlledReads()
  const failed = Promise.allSettled([reads.get('a'), reads.get('b')])
  await untilStarted(1)
  started[0]?.end(new Error('no database'))
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = reads.get('a')
  await untilStarted(2)
  started[1]?.end()
  expect(await next).toBeUndefined()
})

it('Work of each class is read on its own, in its class', async () => {
  const { started, reads, untilStarted } = controlledReads()
  const results = Promise.all([
    withWorkClass('PUBLIC', () => reads.get('customer')),
    withWorkClass('STAFF', () => reads.get('operator')),
    withWorkClass('PUBLIC', () => reads.get('other customer')),
    reads.get('own'),
  ])
  await untilStarted(3)
  for (const read of started) read.end()
  await results
  expect(new Map(started.map((read) => [read.workClass, read.keys]))).toEqual(
    new Map([
      ['PUBLIC', ['customer', 'other customer']],
      ['STAFF', ['operator']],
      [undefined, ['own']],
    ]),
  )
})
