import { Injectable } from '@nestjs/common'
import { uptime } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { WallClock } from './clock.js'
import { Random } from './random.js'
import { Timers } from './timers.js'

@Injectable()
export class SystemClock extends WallClock {
  override now(): Date {
    return new Date()
  }

  override monotonicMs(): number {
    return performance.now()
  }

  override uptimeMs(): number {
    return uptime() * 1_000
  }
}

@Injectable()
export class SystemTimers extends Timers {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    try {
      await sleep(ms, undefined, signal ? { signal } : {})
    } catch (error) {
      // Node rejects with an AbortError of its own.
      throw signal?.aborted ? signal.reason : error
    }
  }

  override after(ms: number, work: () => void): () => void {
    const timer = setTimeout(work, ms).unref()
    return () => clearTimeout(timer)
  }
}

@Injectable()
export class SystemRandom extends Random {
  override next(): number {
    return Math.random()
  }
}
