import { describe, expect, it } from 'vitest'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import { registerGauges } from './shared-read.js'

const SPECS = {
  first_tickets: { help: 'The first', labels: [] },
  second_tickets: { help: 'The second', labels: [] },
}

/** Two gauges that show the number of reads so far. */
function gauges() {
  const metrics = new Metrics()
  const time = new VirtualTime()
  const state = { reads: 0, fails: false }
  const read = async () => {
    state.reads += 1
    if (state.fails) throw new Error('no connection')
  }
  registerGauges(
    metrics,
    SPECS,
    async ({ first_tickets: first, second_tickets: second }) => {
      first.set(state.reads)
      await read()
      second.set(state.reads)
    },
    time,
  )
  const samples = async () =>
    [...(await metrics.render()).matchAll(/^trafficpolice_(\w+) (\d+)$/gm)].map(([, name, value]) => [name, value])
  return { time, state, samples }
}

describe('Gauges that are read together', () => {
  it('share one read at a scrape, with those of a second, and are read again after it', async () => {
    const { time, state, samples } = gauges()
    const both = [
      ['first_tickets', '0'],
      ['second_tickets', '1'],
    ]
    expect(await Promise.all([samples(), samples()])).toEqual([both, both])
    await time.run(1_000)
    expect(await samples()).toEqual(both)
    expect(state.reads).toBe(1)
    await time.run(1)
    await samples()
    expect(state.reads).toBe(2)
  })

  it('have no samples when the read fails, rather than some or old ones', async () => {
    const { time, state, samples } = gauges()
    expect(await samples()).toHaveLength(2)
    state.fails = true
    await time.run(1_001)
    expect(await samples()).toEqual([])
  })
})
