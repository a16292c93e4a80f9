import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.js'
import type { Cron } from './cron.js'
import { NodeCron } from './node-cron.js'
import { SystemClock, SystemTimers } from './system-time.js'
import type { Timers } from './timers.js'
import { VirtualCron } from './virtual-cron.js'
import { VirtualTime } from './virtual-time.js'

/** One suite for both: what it asserts holds on virtual time as it does in production. */
const time = new VirtualTime(Date.now())
const IMPLEMENTATIONS: [string, Cron, Clock, Timers, <T>(work: Promise<T>) => Promise<T>][] = [
  ['node-cron', new NodeCron(), new SystemClock(), new SystemTimers(), (work) => work],
  ['Cron on virtual time', new VirtualCron(time), time, time, (work) => time.until(work, 60_000)],
]

const localTime = (at: Date, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at)

describe.each(IMPLEMENTATIONS)('%s', (_name, cron, clock, timers, run) => {
  it.each([
    ['0 3 * * *', 'UTC', / 03:00:00$/],
    ['15 2 1 * *', 'Asia/Kathmandu', /-01 02:15:00$/],
    ['30 22 29 2 *', 'America/New_York', /-02-29 22:30:00$/],
    ['20 10 0 1 1 *', 'Europe/Berlin', /-01-01 00:10:20$/],
  ])('finds the next match of "%s" in %s', (expression, timezone, local) => {
    const next = cron.next(expression, timezone)
    expect(localTime(next, timezone)).toMatch(local)
    expect(next.getTime()).toBeGreaterThan(clock.now().getTime())
  })

  it('finds a match on the given days of the week only', () => {
    const next = cron.next('0 12 * * 1', 'Europe/Berlin')
    expect(next.getUTCDay()).toBe(1)
    expect(next.getTime() - clock.now().getTime()).toBeLessThanOrEqual(7 * 25 * 3_600_000)
  })

  it('rejects expressions that are invalid or never match', () => {
    for (const expression of ['soon', '61 * * * *', '0 3 30 2 *']) {
      expect(() => cron.next(expression, 'UTC')).toThrow()
      expect(() => cron.schedule(expression, 'UTC', () => undefined)).toThrow()
    }
  })

  it('runs scheduled work at every match until it is cancelled', async () => {
    const runs: number[] = []
    const cancel = cron.schedule('* * * * * *', 'UTC', () => runs.push(clock.now().getTime()))
    await run(timers.sleep(2_500))
    cancel()
    expect(runs.length).toBeGreaterThanOrEqual(2)
    const { length } = runs
    await run(timers.sleep(1_200))
    expect(runs).toHaveLength(length)
    expect(new Set(runs.map((at) => Math.floor(at / 1_000))).size).toBe(length)
  })
})

describe('Both implementations', () => {
  it.each([
    ['0 3 * * *', 'UTC'],
    ['*/7 5-9 * 3,10 1-5', 'Europe/Berlin'],
    ['45 23 L * *', 'Australia/Adelaide'],
  ])('find the same next match of "%s" in %s', (expression, timezone) => {
    const now = new VirtualTime(Date.now())
    expect(new VirtualCron(now).next(expression, timezone)).toEqual(new NodeCron().next(expression, timezone))
  })
})
