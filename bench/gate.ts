import { Redis } from 'ioredis'
import { readFileSync } from 'node:fs'
import { PrismaPg } from '@prisma/adapter-pg'
import { emptyBalances } from '../src/domain/stock/ledger-account.js'
import { PrismaClient } from '../src/generated/prisma/client.js'
import { newId } from '../src/infrastructure/ids.js'
import { SystemClock } from '../src/infrastructure/time/system-time.js'
import { BatchQueue } from '../src/stock/batching/batch-queue.js'
import type { GateOperation } from '../src/stock/gate/gate.js'
import { RedisStockGate } from '../src/adapters/redis/redis-stock-gate.js'
import { Ledger } from '../src/stock/ledger.js'
import { Rebuilder } from '../src/stock/gate/rebuild.js'
import { Stock } from '../src/stock/stock.js'
import type { PostRequest } from '../src/stock/stock-transaction.js'
import { benchServers, drive, hardware, line } from './support/servers.js'
import { PrismaLedgerStore } from '../src/adapters/prisma/stock/ledger-store.js'
import { PrismaTransaction } from '../src/infrastructure/prisma/transaction.js'

/** Gate decisions per second against the same script called raw, and whole decisions with their ledger entry. */
const COUNT = 20_000
const PARALLEL = 100
const PIPELINE = 100
const DECISIONS = 5_000
const PROOF_ROUNDS = 5

/** The ledger as it would be without a proof: no statement for it. */
class WithoutProof extends PrismaLedgerStore {
  override channels(): Promise<[]> {
    return Promise.resolve([])
  }

  override appendProof(): Promise<void> {
    return Promise.resolve()
  }
}

const servers = await benchServers()
try {
  console.log(`Gate decisions, one hot event, Redis with fsync before every response\n${hardware()}\n`)
  const redis = new Redis(servers.redisUrl)
  const gate = new RedisStockGate(redis)
  const sha = (await redis.script('LOAD', readFileSync(new URL('../lua/take.lua', import.meta.url), 'utf8'))) as string
  const open = async (eventId: string) => {
    const balances = { ...emptyBalances(), UNALLOCATED: 10_000_000, CAPACITY: -10_000_000 }
    await gate.install(eventId, 1, balances)
  }
  const postings = [{ quantity: 1, sources: ['UNALLOCATED'] as const, destination: 'HELD' as const }]
  const takeOf = (eventId: string, index: number): GateOperation => ({ operationId: `${eventId}:${index}`, postings })
  const raw = (eventId: string, index: number) => {
    const operationId = `${eventId}:${index}`
    const keys = [`event:{${eventId}}:stock`, `event:{${eventId}}:op:${operationId}`, `event:{${eventId}}:pending`]
    return [sha, 3, ...keys, operationId, 3_600_000, 1, 'HELD', '', '', 1, 'UNALLOCATED'] as const
  }
  const mustTake = ([code]: [number, string]) => {
    if (code !== 1) throw new Error(`the script returned ${code}`)
  }

  await open('raw')
  const rawOne = await drive(COUNT, PARALLEL, async (index) =>
    mustTake((await redis.evalsha(...raw('raw', index))) as [number, string]),
  )
  await open('ours')
  const oursOne = await drive(COUNT, PARALLEL, async (index) => {
    const { kind } = await gate.take('ours', takeOf('ours', index))
    if (kind !== 'TAKEN') throw new Error(kind)
  })
  console.log(line('raw EVALSHA, one by one', rawOne, 1))
  console.log(line('StockGate.take', oursOne, oursOne.perSecond / rawOne.perSecond))

  await open('rawmany')
  const rawMany = await drive(COUNT / PIPELINE, 4, async (batch) => {
    const pipeline = redis.pipeline()
    for (let i = 0; i < PIPELINE; i++) pipeline.evalsha(...raw('rawmany', batch * PIPELINE + i))
    for (const [error, response] of (await pipeline.exec()) ?? []) {
      if (error) throw error
      mustTake(response as [number, string])
    }
  })
  await open('oursmany')
  const oursMany = await drive(COUNT / PIPELINE, 4, async (batch) => {
    const takes = Array.from({ length: PIPELINE }, (_, i) => takeOf('oursmany', batch * PIPELINE + i))
    for (const { kind } of await gate.takeMany('oursmany', takes)) if (kind !== 'TAKEN') throw new Error(kind)
  })
  const scaled = (figure: typeof rawMany) => ({ ...figure, perSecond: figure.perSecond * PIPELINE })
  console.log(line(`raw pipelined EVALSHA, ${PIPELINE} together`, scaled(rawMany), 1))
  console.log(
    line(`StockGate.takeMany, ${PIPELINE} together`, scaled(oursMany), oursMany.perSecond / rawMany.perSecond),
  )

  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: servers.databaseUrl, max: 20 }) })
  const clock = new SystemClock()
  // In alternation, so that a busy moment hits both.
  const rounds = { with: [] as number[], without: [] as number[] }
  for (let round = 0; round < PROOF_ROUNDS; round++) {
    for (const [way, store] of [
      ['with', new PrismaLedgerStore(prisma)],
      ['without', new WithoutProof(prisma)],
    ] as const) {
      const ledger = new Ledger(store)
      const rebuilder = new Rebuilder(ledger, gate, () => undefined, clock)
      const stock = new Stock(gate, ledger, rebuilder, () => undefined)
      // Batched, as concurrent holds are.
      const lane = new BatchQueue(
        (id, requests: PostRequest[]) => stock.transact(id, (tx) => tx.postAll(requests)),
        clock,
      )
      const eventId = await openEvent(prisma, ledger)
      const decided = await drive(DECISIONS, PARALLEL, async (index) => {
        const { operationId: id } = takeOf(eventId, index)
        const request = { id, postings, reason: 'held', actor: null, onInsufficient: 'skip' } as const
        if ((await lane.submit(eventId, request)) === null) throw new Error('skipped')
      })
      const title = `whole posting: gate, ledger (fsync), acknowledge, ${way} proof`
      console.log(line(title, decided, decided.perSecond / rawOne.perSecond))
      const { balances } = await ledger.read(eventId)
      if (balances.HELD !== DECISIONS) throw new Error(`${balances.HELD} of ${DECISIONS} in the ledger`)
      const lines = await prisma.proofEntry.count({ where: { eventId } })
      if (lines !== (way === 'with' ? DECISIONS + 2 : 0)) throw new Error(`${lines} lines in the proof`)
      rounds[way].push(decided.perSecond)
    }
  }
  const ratios = rounds.with.map((perSecond, round) => perSecond / (rounds.without[round] ?? perSecond))
  console.log(`with proof / without it: ${median(ratios).toFixed(2)}, median of ${PROOF_ROUNDS} rounds`)
  await prisma.$disconnect()
  redis.disconnect()
} finally {
  await servers.stop()
}

async function openEvent(prisma: PrismaClient, ledger: Ledger): Promise<string> {
  const id = newId('evt')
  await prisma.$transaction(async (tx) => {
    const startsAt = new Date(Date.now() + 86_400_000)
    const fields = { softCapRatio: 1, safetyStockRatio: 0, directWeight: 1, startsAt }
    await tx.event.create({ data: { id, name: 'Bench', capacity: 1_000_000, targetCapacity: 1_000_000, ...fields } })
    const movements = [{ from: 'CAPACITY' as const, to: 'UNALLOCATED' as const, quantity: 1_000_000 }]
    const opening = { operationId: `${id}:opening`, reason: 'opening', actor: null, movements }
    await ledger.open(new PrismaTransaction(tx), id, opening)
  })
  return id
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
