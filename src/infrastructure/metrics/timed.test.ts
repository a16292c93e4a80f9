import { describe, expect, it } from 'vitest'
import { timed } from './timed.js'

class Work {
  private readonly factor = 2

  async double(value: number): Promise<number> {
    return value * this.factor
  }

  async fail(): Promise<never> {
    throw new Error('no')
  }
}

describe('timed', () => {
  it('returns the result of the method and reports its duration, also on failure', async () => {
    const seen: [string, number][] = []
    const work = timed(new Work(), ['double', 'fail'], (name, seconds) => seen.push([name, seconds]))
    expect(await work.double(4)).toBe(8)
    await expect(work.fail()).rejects.toThrow('no')
    expect(seen.map(([name]) => name)).toEqual(['double', 'fail'])
    for (const [, seconds] of seen) expect(seconds).toBeGreaterThanOrEqual(0)
  })
})
