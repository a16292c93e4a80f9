import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { Outcome } from '../../platforms/port.js'
import { describeReadFailure, retryWhileThrottled } from './retry-while-throttled.js'

const MINUTE_MS = 60_000

/** A read that its budget allows from `freeAt` on, ms; `predicted`: with the time at which that is. */
async function read(freeAt: number, predicted: boolean): Promise<{ outcome: Outcome<string>; at: number }> {
  const time = new VirtualTime(0)
  const call = (): Promise<Outcome<string>> => {
    const resumeAt = predicted ? freeAt : time.ms() + MINUTE_MS
    return Promise.resolve(
      time.ms() < freeAt ? { kind: 'THROTTLED', resumeAt: new Date(resumeAt) } : { kind: 'OK', value: 'read' },
    )
  }
  const reading = retryWhileThrottled(call, new AbortController().signal, time, time)
  const outcome = await time.until(reading, 24 * 60 * MINUTE_MS)
  return { outcome, at: time.ms() }
}

describe('Reads of a reconciliation', () => {
  it.each([true, false])('wait for what the longest window of a limit returns (predicted: %s)', async (predicted) => {
    const { outcome, at } = await read(65 * MINUTE_MS, predicted)
    expect(outcome).toEqual({ kind: 'OK', value: 'read' })
    expect(at).toBeLessThan(66 * MINUTE_MS)
  })

  it.each([true, false])('end after 70 minutes without budget, with that reason (predicted: %s)', async (predicted) => {
    const { outcome, at } = await read(100 * MINUTE_MS, predicted)
    expect(outcome.kind).toBe('THROTTLED')
    expect(outcome.kind === 'THROTTLED' && describeReadFailure(outcome)).toBe('rate limit budget exhausted')
    expect(at).toBeLessThanOrEqual(70 * MINUTE_MS)
  })
})
