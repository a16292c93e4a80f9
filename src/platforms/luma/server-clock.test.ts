import { describe, expect, it } from 'vitest'
import { ServerClock } from './server-clock.js'

const TRUE = Date.parse('2026-11-20T12:00:00.000Z')
const MINUTE = 60_000

/** A process whose clock is wrong by `errorMs`, against a server whose header cuts its seconds off. */
function process(errorMs: number, serverErrorMs = 0) {
  const clock = new ServerClock()
  const local = (at: number) => new Date(TRUE + at + errorMs)
  const header = (at: number) => new Date(TRUE + at + serverErrorMs).toUTCString()
  return {
    clock,
    begin: (at: number) => clock.begin(local(at)),
    end: (start: ReturnType<typeof clock.begin>, at: number, date: string | undefined = header(at)) => {
      clock.learn(date, start, local(at))
      return clock.stamp(start).getTime() - TRUE
    },
  }
}

/** One call from `at` that takes 200 ms. */
const read = ({ begin, end }: ReturnType<typeof process>, at: number, date?: string) => end(begin(at), at + 200, date)

describe('the time of a reading', () => {
  it('is our own while nothing speaks against it', () => {
    const here = process(0)
    expect(read(here, 130)).toBe(130)
    expect(read(here, 990)).toBe(990)
    expect(read(process(0), 50, '')).toBe(50)
    expect(read(process(0), 50, 'some day')).toBe(50)
  })

  it.each([5 * MINUTE, -5 * MINUTE, 1_700])('is corrected where our clock is off by %d ms', (error) => {
    const here = process(error)
    expect(Math.abs(read(here, 0))).toBeLessThan(1_300)
    for (let at = 0; at < 20_000; at += 370) read(here, at)
    expect(Math.abs(read(here, 20_000) - 20_000)).toBeLessThan(200)
  })

  it('lets the later of two processes’ readings win, minutes apart as their clocks are', () => {
    const ahead = process(5 * MINUTE)
    const right = process(0)
    const earlier = read(ahead, 0)
    expect(read(right, 3_000)).toBeGreaterThan(earlier)
  })

  it('goes by the server where that one is wrong, for all processes alike', () => {
    const [one, other] = [process(0, 7 * MINUTE), process(2 * MINUTE, 7 * MINUTE)]
    expect(Math.abs(read(one, 0) - read(other, 0))).toBeLessThan(1_500)
  })

  it('never goes back for what began later, and keeps what began earlier behind', () => {
    const here = process(5 * MINUTE)
    const first = here.begin(0)
    const second = here.begin(10)
    const silent = here.end(second, 100, '')
    const told = here.end(first, 900)
    expect(told).toBeLessThanOrEqual(silent)
    expect(read(here, 1_000)).toBeGreaterThanOrEqual(silent)
  })

  it('learns anew when a clock was set', () => {
    const here = process(0)
    for (let at = 0; at < 5_000; at += 500) read(here, at)
    const start = here.clock.begin(new Date(TRUE + 6_000 - 3 * MINUTE))
    here.clock.learn(new Date(TRUE + 6_200).toUTCString(), start, new Date(TRUE + 6_200 - 3 * MINUTE))
    expect(Math.abs(here.clock.stamp(start).getTime() - TRUE - 6_000)).toBeLessThan(1_300)
  })
})
