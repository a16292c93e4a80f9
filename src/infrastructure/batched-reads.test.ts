import { expect, it, vi } from 'vitest'
import { BatchedReads } from './batched-reads.js'
import { withWorkClass, workClass } from './work-class.js'

/** Reads that end when they are told to, in the order in which they began. */
function controlledReads() {
  const values = new Map<string, string>()
  const begun: { keys: string[]; workClass: unknown; end: (error?: Error) => void }[] = []
  const reads = new BatchedReads<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        // What is stored when the query runs.
        const found = new Map(keys.flatMap((key) => (values.has(key) ? [[key, values.get(key) ?? '']] : [])))
        const end = (error?: Error) => (error ? reject(error) : resolve(found as Map<string, string>))
        begun.push({ keys, workClass: workClass(), end })
      }),
  )
  const untilBegun = (count: number) => vi.waitFor(() => expect(begun).toHaveLength(count))
  return { values, begun, reads, untilBegun }
}

it('What is requested in one tick is read in one query, each key once', async () => {
  const { values, begun, reads, untilBegun } = controlledReads()
  values.set('a', 'of a')
  const results = Promise.all([reads.get('a'), reads.get('b'), reads.get('a')])
  await untilBegun(1)
  begun[0]?.end()
  expect(await results).toEqual(['of a', undefined, 'of a'])
  expect(begun.map(({ keys }) => keys)).toEqual([['a', 'b']])
})

it('A value is never older than its request', async () => {
  const { values, begun, reads, untilBegun } = controlledReads()
  values.set('a', 'before')
  const first = reads.get('a')
  await untilBegun(1)
  values.delete('a')
  const second = reads.get('a')
  await untilBegun(2)
  for (const read of begun) read.end()
  expect(await first).toBe('before')
  expect(await second).toBeUndefined()
})

it('One query that does not return does not stop others, and requests gather while two are in progress', async () => {
  const { begun, reads, untilBegun } = controlledReads()
  const stuck = reads.get('stuck')
  await untilBegun(1)
  const second = reads.get('b')
  await untilBegun(2)
  const later = Promise.all([reads.get('c'), reads.get('d')])
  begun[1]?.end()
  expect(await second).toBeUndefined()
  await untilBegun(3)
  expect(begun[2]?.keys).toEqual(['c', 'd'])
  begun[2]?.end()
  expect(await later).toEqual([undefined, undefined])
  begun[0]?.end()
  expect(await stuck).toBeUndefined()
})

it('A failed query fails those that it was for, and nobody else', async () => {
  const { begun, reads, untilBegun } = controlledReads()
  const failed = Promise.allSettled([reads.get('a'), reads.get('b')])
  await untilBegun(1)
  begun[0]?.end(new Error('no database'))
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = reads.get('a')
  await untilBegun(2)
  begun[1]?.end()
  expect(await next).toBeUndefined()
})

it('Work of each class is read on its own, in its class', async () => {
  const { begun, reads, untilBegun } = controlledReads()
  const results = Promise.all([
    withWorkClass('PUBLIC', () => reads.get('customer')),
    withWorkClass('STAFF', () => reads.get('operator')),
    withWorkClass('PUBLIC', () => reads.get('other customer')),
    reads.get('own'),
  ])
  await untilBegun(3)
  for (const read of begun) read.end()
  await results
  expect(new Map(begun.map((read) => [read.workClass, read.keys]))).toEqual(
    new Map([
      ['PUBLIC', ['customer', 'other customer']],
      ['STAFF', ['operator']],
      [undefined, ['own']],
    ]),
  )
})
