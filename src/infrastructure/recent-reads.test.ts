import { describe, expect, it } from 'vitest'
import { RecentReads } from './recent-reads.js'

function bench(read: (key: string) => Promise<string>) {
  let now = 0
  const keys: string[] = []
  const count = (key: string) => {
    keys.push(key)
    return read(key)
  }
  const clock = { monotonicMs: () => now }
  return { reads: new RecentReads(count, { maxAgeMs: 1_000, max: 2 }, clock), keys, wait: (ms: number) => (now += ms) }
}

describe('Recent reads', () => {
  it('read a value once for all who ask within its age, also while it is being read', async () => {
    const { reads, keys, wait } = bench(async (key) => `${key} ${keys.length}`)
    const first = await Promise.all(Array.from({ length: 500 }, () => reads.get('a')))
    expect([...new Set(first)]).toEqual(['a 1'])
    wait(999)
    expect(await reads.get('a')).toBe('a 1')
    wait(1)
    expect(await reads.get('a')).toBe('a 2')
    expect(keys).toEqual(['a', 'a'])
  })

  it('do not keep a failure', async () => {
    let fails = true
    const { reads } = bench(async (key) => {
      if (fails) throw new Error('unreachable')
      return key
    })
    await expect(Promise.all([reads.get('a'), reads.get('a')])).rejects.toThrow('unreachable')
    fails = false
    expect(await reads.get('a')).toBe('a')
  })

  it('keep a bounded number of values', async () => {
    const { reads, keys } = bench(async (key) => key)
    for (const key of ['a', 'b', 'c', 'c', 'b', 'a']) await reads.get(key)
    expect(keys).toEqual(['a', 'b', 'c', 'a'])
  })
})
