import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { MemoryChannelStore } from '../../src/adapters/memory/channels/channel-store.js'
import { MemoryGateState } from '../../src/adapters/memory/stock/memory-gate-state.js'
import { replayScenario } from '../../simulation/replay/replay-scenario.js'
import { replayReport } from '../../simulation/replay/replay-seeds.js'
import { ReplayServers } from '../../simulation/replay/replay-servers.js'
import { scenarioOf } from '../../simulation/scenario/generate.js'
import { startRedis, type DedicatedRedis } from '../support/servers/redis.js'

const SEEDS = [1, 2, 3, 4, 5]

let redis: DedicatedRedis
let servers: ReplayServers

beforeAll(async () => {
  redis = await startRedis({ durable: false })
  servers = await ReplayServers.connect({ databaseUrl: inject('databaseUrl'), redisUrl: redis.url })
}, 120_000)

afterEach(() => vi.restoreAllMocks())

afterAll(async () => {
  await servers?.close()
  await redis?.stop()
})

describe('What simulated runs do at the stores and the gate', () => {
  it(`has the same results, rows and balances on PostgreSQL and Redis, for ${SEEDS.length} runs`, async () => {
    const failures: string[] = []
    for (const seed of SEEDS) {
      const result = await replayScenario(scenarioOf(seed), servers)
      expect(result.counts.transactions).toBeGreaterThan(0)
      expect(result.counts.gateCommands).toBeGreaterThan(0)
      if (result.difference || result.violations.length > 0) failures.push(replayReport(result))
    }
    expect(failures).toEqual([])
  }, 400_000)
})

/** Negative controls: an implementation in memory that differs is found. */
describe('A replay on PostgreSQL and Redis finds', () => {
  it('a gate in memory that takes from the sources in another order', async () => {
    const { take } = MemoryGateState.prototype
    vi.spyOn(MemoryGateState.prototype, 'take').mockImplementation(function (
      this: MemoryGateState,
      event,
      { postings, ...of },
      run,
    ) {
      const reversed = postings.map((posting) => ({ ...posting, sources: posting.sources.toReversed() }))
      return take.call(this, event, { ...of, postings: reversed }, run)
    })
    const { difference } = await replayScenario(scenarioOf(2), servers)
    expect(difference?.what).toMatch(/^gate\.take/)
  }, 60_000)

  it('a store in memory that counts otherwise', async () => {
    vi.spyOn(MemoryChannelStore.prototype, 'countNotClosed').mockResolvedValue(new Map())
    const { difference } = await replayScenario(scenarioOf(1), servers)
    expect(difference?.what).toMatch(/^channels\.countNotClosed/)
  }, 60_000)
})
