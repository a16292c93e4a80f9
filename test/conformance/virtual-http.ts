import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Clock as SimulatorClock } from '../../simulators/kit/index.js'
import type { Platform } from '../../src/domain/channel.js'
import { Clock } from '../../src/infrastructure/time/clock.js'
import { SystemTimers } from '../../src/infrastructure/time/system-time.js'
import { Timers } from '../../src/infrastructure/time/timers.js'
import { AxiosPlatformHttp } from '../../src/platforms/http/axios-platform-http.js'
import type { Budget, Permit, RateLimiter } from '../../src/platforms/throttle/limiter.js'

const START = Date.parse('2026-11-18T12:00:00Z')
const CALL_MS = 10_000
/** Waits of the simulator that are longer last until they are aborted. */
const LONGEST_WAIT_MS = 60_000

/** A clock that only moves when it is advanced, common to the adapter, its HTTP client and the simulated platform. */
export class ManualClock extends Clock implements Omit<SimulatorClock, 'now'> {
  private ms = START

  override now(): Date {
    return new Date(this.ms)
  }

  override monotonicMs(): number {
    return this.ms
  }

  advance(ms: number): void {
    this.ms += Math.max(0, ms)
  }

  /** Takes no real time. */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= LONGEST_WAIT_MS) {
      this.advance(ms)
      await nextTurn()
      return
    }
    await sleep(CALL_MS, undefined, { ref: false, ...(signal ? { signal } : {}) }).catch(() => undefined)
  }

  get forSimulator(): SimulatorClock {
    return { now: () => this.ms, sleep: (ms, signal) => this.sleep(ms, signal) }
  }
}

/** Real timers, except that calls time out when the platform is known not to respond. */
class CallTimers extends Timers {
  private readonly real = new SystemTimers()
  private readonly calls = new Set<() => void>()

  constructor(private readonly clock: ManualClock) {
    super()
  }

  override sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms)
  }

  override after(ms: number, work: () => void): () => void {
    if (ms !== CALL_MS) return this.real.after(ms, work)
    this.calls.add(work)
    return () => this.calls.delete(work)
  }

  expireCalls(): void {
    for (const work of this.calls) work()
  }
}

/** Grants everything but what the platform has blocked. */
class OpenLimiter implements RateLimiter {
  private blockedUntil = 0

  constructor(private readonly clock: ManualClock) {}

  acquire(): Promise<Permit> {
    const waitMs = this.blockedUntil - this.clock.now().getTime()
    return Promise.resolve(waitMs > 0 ? { granted: false, waitMs } : { granted: true, reservation: 'open' })
  }

  refund(): Promise<void> {
    return Promise.resolve()
  }

  block(_budget: Budget, until: Date): Promise<void> {
    this.blockedUntil = until.getTime()
    return Promise.resolve()
  }

  observe(): Promise<void> {
    return Promise.resolve()
  }
}

/** The service's HTTP client on a manual clock; `expireCalls`: the calls in progress time out. */
export function startVirtualHttp(platform: Platform, clock: ManualClock) {
  const timers = new CallTimers(clock)
  const http = new AxiosPlatformHttp({
    platform,
    budget: { bucket: 'conformance', limit: 1_000_000, windowSeconds: 60, reserve: 0 },
    limiter: new OpenLimiter(clock),
    clock,
    timers,
    log: () => undefined,
    random: () => 0,
    // The breaker's differs from that of a call, which `expireCalls` ends.
    timeouts: { callMs: CALL_MS, breakerResetMs: 2 * CALL_MS },
  })
  return { http, expireCalls: () => timers.expireCalls() }
}
