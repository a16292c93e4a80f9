import { Injectable } from '@nestjs/common'
import { emptyBalances } from '../domain/ledger-account.js'
import { Readiness } from '../infrastructure/health/readiness.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { InjectRedis } from '../infrastructure/redis/redis-clients.js'
import { StockGate } from './gate.js'

/** Stands for no event: nothing is sold of it. */
const PROBE = 'readiness-probe'

/** Readiness, as far as decisions go: the gate's own scripts run on this Redis, which takes what they write. */
@Injectable()
export class GateProbe {
  private readonly gate: StockGate

  constructor(readiness: Readiness, @InjectRedis('gate') redis: RedisClient) {
    this.gate = new StockGate(redis)
    readiness.register('redis', () => this.probe())
  }

  private async probe(): Promise<void> {
    // A newer epoch lets the same operation be decided once more, so that the probe leaves three small keys and no more.
    await this.gate.install(PROBE, Date.now(), emptyBalances())
    const answer = await this.gate.take(PROBE, { operationId: PROBE, postings: [] })
    if (answer.kind !== 'TAKEN') throw new Error(`decides nothing (${answer.kind})`)
    await this.gate.acknowledge(PROBE, [PROBE])
  }
}
