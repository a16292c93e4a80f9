import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHistory, observed, openedAt, perHour, velocities, type VelocityState } from './velocity.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function every(intervalMs: number, { from, until }: { from: number; until: number }, before = openedAt(from)) {
  let state = before
  for (let at = from + intervalMs; at <= until; at += intervalMs) state = observed(state, { at, delta: 1 })
  return state
}

describe('the velocity of one channel', () => {
  it('is 0 before the first sale', () => {
    expect(perHour(openedAt(0), 5 * HOUR)).toBe(0)
  })

  it('finds a steady rate, slow or fast', () => {
    expect(perHour(every(6 * MINUTE, { from: 0, until: 20 * HOUR }), 20 * HOUR)).toBeCloseTo(10, 0)
    expect(perHour(every(1_000, { from: 0, until: HOUR }), HOUR) / 3_600).toBeCloseTo(1, 1)
  })

  it('follows a rush within minutes and its end within the hour', () => {
    const slow = every(HOUR, { from: 0, until: 48 * HOUR })
    const rush = every(10_000, { from: 48 * HOUR, until: 48 * HOUR + 5 * MINUTE }, slow)
    expect(perHour(rush, 48 * HOUR + 5 * MINUTE)).toBeGreaterThan(150)
    expect(perHour(rush, 49 * HOUR)).toBeLessThan(40)
  })

  it('keeps what it was while there was nothing left to sell', () => {
    const running = every(2 * MINUTE, { from: 0, until: 2 * HOUR })
    const before = perHour(running, 2 * HOUR)
    const dry = observed(running, { at: 2 * HOUR, sells: false })
    const idle = observed(running, { at: 2 * HOUR })
    expect(perHour(dry, 8 * HOUR) / before).toBeCloseTo(1, 1)
    expect(perHour(idle, 8 * HOUR)).toBeLessThan(before / 2)
  })

  it('rises at once when a dry channel sells again as soon as it can', () => {
    const dry = observed(every(6 * MINUTE, { from: 0, until: HOUR }), { at: HOUR, sells: false })
    const filled = observed(dry, { at: 3 * HOUR, sells: true })
    const sold = observed(filled, { at: 3 * HOUR + 5_000, delta: 2 })
    expect(perHour(sold, 3 * HOUR + 5_000)).toBeGreaterThan(perHour(dry, 3 * HOUR))
  })

  it('does not take a cancellation for demand, nor for its opposite', () => {
    const state = every(6 * MINUTE, { from: 0, until: 10 * HOUR })
    const cancelled = observed(state, { at: 10 * HOUR, delta: -7 })
    expect(perHour(cancelled, 10 * HOUR)).toBe(perHour(state, 10 * HOUR))
  })

  it('counts late news by its age', () => {
    const onTime = observed(observed(openedAt(0), { at: HOUR, delta: 3 }), { at: 2 * HOUR })
    const late = observed(observed(openedAt(0), { at: 2 * HOUR }), { at: HOUR, delta: 3 })
    expect(perHour(late, 2 * HOUR)).toBeCloseTo(perHour(onTime, 2 * HOUR), 9)
  })

  it('is rebuilt from order rows in any order', () => {
    const sales = [5, 1, 30, 12, 12, 58].map((minute) => ({ at: minute * MINUTE, delta: 2 }))
    const live = sales.toSorted((a, b) => a.at - b.at).reduce((state, sale) => observed(state, sale), openedAt(0))
    expect(perHour(fromHistory(sales, HOUR, 0), HOUR)).toBeCloseTo(perHour(live, HOUR), 9)
    expect(fromHistory([], HOUR)).toEqual(openedAt(HOUR))
  })

  it('is a finite number from 0 up, whatever comes in', () => {
    const news = fc.record({
      at: fc.integer({ min: 0, max: 400 * HOUR }),
      delta: fc.integer({ min: -50, max: 500 }),
      sells: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(news), fc.integer({ min: 0, max: 2_000 * HOUR }), (history, now) => {
        const rate = perHour(
          history.reduce((state, entry) => observed(state, entry), openedAt(0)),
          now,
        )
        expect(Number.isFinite(rate) && rate >= 0).toBe(true)
      }),
    )
  })
})

describe('the velocities of one event', () => {
  const of = (meetup: VelocityState, luma: VelocityState, now: number) =>
    velocities(
      new Map([
        ['MEETUP', meetup],
        ['LUMA', luma],
      ]),
      now,
    )

  it('are all 0 before the first sale', () => {
    expect([...of(openedAt(0), openedAt(0), HOUR).values()]).toEqual([0, 0])
  })

  it('leave a channel without sales a little, and less the longer it sells nothing', () => {
    const early = of(openedAt(0), every(6 * MINUTE, { from: 0, until: HOUR }), HOUR)
    const later = of(openedAt(0), every(6 * MINUTE, { from: 0, until: 20 * HOUR }), 20 * HOUR)
    expect(early.get('LUMA')).toBeGreaterThan(7)
    expect(early.get('MEETUP')).toBeGreaterThan(0)
    expect(later.get('MEETUP')).toBeLessThan(early.get('MEETUP') ?? 0)
  })

  it('change places when the demand does', () => {
    const luma = every(MINUTE, { from: 0, until: 10 * HOUR })
    const meetup = every(MINUTE, { from: 10 * HOUR, until: 11 * HOUR }, openedAt(0))
    const now = of(meetup, luma, 11 * HOUR)
    expect(now.get('MEETUP')).toBeGreaterThan(4 * (now.get('LUMA') ?? Infinity))
  })
})
