import type { Platform } from '../../../src/domain/channel.js'
import type { Random } from '../../../simulators/kit/random.js'
import { logUniform } from './demand.js'

const POLL_MS = 10_000
const SWEEP_MS = 300_000
/** Webhooks that never come, and those that come minutes late. */
const LOST = 0.03
const LATE = 0.03

/**
 * ms from a sale to our knowing it. Meetup is polled; the others send a webhook after some seconds (Eventbrite's is
 * followed by a pull); what gets lost is found by the next sweep.
 */
export function noticeDelay(platform: Platform, random: Random, now: number): number {
  const read = logUniform(random, 100, 10_000)
  const webhook = logUniform(random, 200, 10_000)
  const fate = random.next()
  if (platform === 'MEETUP') return toNext(POLL_MS, now) + read
  if (fate < LOST) return toNext(SWEEP_MS, now) + read
  if (fate < LOST + LATE) return logUniform(random, 30_000, 1_200_000)
  return platform === 'EVENTBRITE' ? webhook + read : webhook
}

/** Time up to which polls and sweeps have reported every sale there, ms; a read takes up to as long as the one before it. */
export function knownUntil(platform: Platform, now: number): number {
  const interval = platform === 'MEETUP' ? POLL_MS : SWEEP_MS
  return Math.max(0, Math.floor((now - POLL_MS) / interval)) * interval
}

function toNext(interval: number, now: number): number {
  return interval - (now % interval)
}
