import type { Random } from '../random.js'
import { flag, instant, milliseconds, number, probability, Settings, type Rule, type Rules } from '../settings.js'

/** A fixed time in ms, or a distribution given by two of its percentiles. */
export type Latency = number | { p50: number; p99: number }

/** Injectable faults, with the same names on every platform. All are off by default. Rates are probabilities from 0 to 1. */
export interface FaultKnobs {
  latencyMs: Latency
  webhookDelayMs: number
  /** A delivery is never sent, not even retried. */
  webhookLoss: number
  webhookDuplicate: number
  /** A delivery is delayed so that later ones overtake it. */
  webhookReorder: number
  throttleRate: number
  serverErrorRate: number
  serverErrorHtml: boolean
  /** The request is not applied, and gets no response. */
  timeoutBeforeApply: number
  /** The request is applied, and its response is never sent. */
  timeoutAfterApply: number
  /** With `timeoutBeforeApply`: the write is applied this long after the client gave up. 0: never. */
  lateApplyMs: number
  connectionReset: number
  /** Throttling, errors, timeouts and resets affect writes only. */
  sparesReads: boolean
  /** Reads return the state of this long ago. */
  readLagMs: number
  /** Lists lack orders that were placed or changed less than this long ago (Luma). */
  listLagMs: number
  /** An order is not found by its id before it is this old (Luma). */
  orderLagMs: number
  /** A page is cut and announces a next one, which fails. */
  truncatedPage: number
  emptyPage: number
  /** Carts (pending payments) kept open in addition to those of the buyers. */
  cartHold: number
  /** A freed place goes to the waitlist before it is back on sale. */
  waitlistPromotion: number
  /** All calls fail until then: ms since the epoch, 0 for no outage. */
  outageUntil: number
  /** Error of the platform's own clock; may be negative. */
  clockSkewMs: number
}

const duration = milliseconds()

const latency: Rule<Latency> = {
  initial: 0,
  parse: (value) => {
    if (typeof value !== 'object' || value === null) return duration.parse(value)
    const { p50, p99, ...rest } = value as Record<string, unknown>
    if (Object.keys(rest).length > 0) throw new Error('must be milliseconds or { p50, p99 }')
    const percentiles = { p50: duration.parse(p50), p99: duration.parse(p99) }
    if (percentiles.p99 < percentiles.p50) throw new Error('p99 must not be below p50')
    return percentiles
  },
}

const DAY_MS = 86_400_000

const KNOB_RULES: Rules<FaultKnobs> = {
  latencyMs: latency,
  webhookDelayMs: milliseconds(),
  webhookLoss: probability(),
  webhookDuplicate: probability(),
  webhookReorder: probability(),
  throttleRate: probability(),
  serverErrorRate: probability(),
  serverErrorHtml: flag(),
  timeoutBeforeApply: probability(),
  timeoutAfterApply: probability(),
  lateApplyMs: milliseconds(),
  connectionReset: probability(),
  sparesReads: flag(),
  readLagMs: milliseconds(),
  listLagMs: milliseconds(),
  orderLagMs: milliseconds(),
  truncatedPage: probability(),
  emptyPage: probability(),
  cartHold: number(0, { max: 1_000_000 }),
  waitlistPromotion: probability(),
  outageUntil: instant(),
  clockSkewMs: number(0, { min: -DAY_MS, max: DAY_MS }),
}

export type Knobs = Settings<FaultKnobs>

export function createKnobs(overrides: Partial<FaultKnobs> = {}): Knobs {
  return new Settings(KNOB_RULES, overrides)
}

/** One sample, ms. A distribution is log-normal through both percentiles, capped at three times the upper one. */
export function drawLatency(latency: Latency, random: Random): number {
  if (typeof latency === 'number') return latency
  if (latency.p50 === 0) return 0
  const sigma = Math.log(latency.p99 / latency.p50) / 2.326
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  return Math.min(latency.p50 * Math.exp(sigma * normal), latency.p99 * 3)
}
