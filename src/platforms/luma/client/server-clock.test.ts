import { describe, expect, it } from 'vitest'
import { ServerClock } from './server-clock.js'

const TRUE = Date.parse('2026-11-20T12:00:00.000Z')
const MINUTE = 60_000

/** A process whose clock is off by `errorMs`, with a server whose header is rounded down to seconds. */
function processWithClock(errorMs: number, serverErrorMs = 0) {
  const clock = new ServerClock()
  const local = (at: number) => new Date(TRUE + at + errorMs)
  const header = (at: number) => new Date(TRUE + at + serverErrorMs).toUTCString()
  return {
    clock,
    begin: (at: number) => clock.startCall(local(at)),
    end: (start: ReturnType<typeof clock.startCall>, at: number, date: string | undefined = header(at)) => {
      clock.observe(date, start, local(at))
      return clock.timestampOf(start).getTime() - TRUE
    },
  }
}

/** One call from `at` that takes 200 ms. */
const read = ({ begin, end }: ReturnType<typeof processWithClock>, at: number, date?: string) =>
  end(begin(at), at + 200, date)

describe('ServerClock', () => {
  it('returns the local time while the offset may be 0', () => {
    const here = processWithClock(0)
    expect(read(here, 130)).toBe(130)
    expect(read(here, 990)).toBe(990)
    expect(read(processWithClock(0), 50, '')).toBe(50)
    expect(read(processWithClock(0), 50, 'some day')).toBe(50)
  })

  it.each([5 * MINUTE, -5 * MINUTE, 1_700])('corrects a local clock that is off by %d ms', (error) => {
    const here = processWithClock(error)
    expect(Math.abs(read(here, 0))).toBeLessThan(1_300)
    for (let at = 0; at < 20_000; at += 370) read(here, at)
    expect(Math.abs(read(here, 20_000) - 20_000)).toBeLessThan(200)
  })

  it('orders the reads of two processes whose clocks differ by minutes', () => {
    const ahead = processWithClock(5 * MINUTE)
    const right = processWithClock(0)
    const earlier = read(ahead, 0)
    expect(read(right, 3_000)).toBeGreaterThan(earlier)
  })

  it('follows a wrong server clock in all processes', () => {
    const [one, other] = [processWithClock(0, 7 * MINUTE), processWithClock(2 * MINUTE, 7 * MINUTE)]
    expect(Math.abs(read(one, 0) - read(other, 0))).toBeLessThan(1_500)
  })

  it('is monotonic in the order in which calls start', () => {
    const here = processWithClock(5 * MINUTE)
    const first = here.begin(0)
    const second = here.begin(10)
    const withoutHeader = here.end(second, 100, '')
    const withHeader = here.end(first, 900)
    expect(withHeader).toBeLessThanOrEqual(withoutHeader)
    expect(read(here, 1_000)).toBeGreaterThanOrEqual(withoutHeader)
  })

  it('adapts after a clock was set', () => {
    const here = processWithClock(0)
    for (let at = 0; at < 5_000; at += 500) read(here, at)
    const start = here.clock.startCall(new Date(TRUE + 6_000 - 3 * MINUTE))
    here.clock.observe(new Date(TRUE + 6_200).toUTCString(), start, new Date(TRUE + 6_200 - 3 * MINUTE))
    expect(Math.abs(here.clock.timestampOf(start).getTime() - TRUE - 6_000)).toBeLessThan(1_300)
  })
})
