import { PrismaPg } from '@prisma/adapter-pg'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { findInvariantViolation, type Balances } from '../../src/domain/stock/ledger-account.js'
import type { Platform } from '../../src/domain/channel.js'
import type { Movement, Posting } from '../../src/domain/stock/posting.js'
import { PrismaClient } from '../../src/generated/prisma/client.js'
import { newId } from '../../src/infrastructure/ids.js'
import { SystemClock } from '../../src/infrastructure/time/system-time.js'
import { BatchQueue } from '../../src/stock/batching/batch-queue.js'
import type { StockGate } from '../../src/stock/gate/gate.js'
import { RedisStockGate } from '../../src/adapters/redis/redis-stock-gate.js'
import { Ledger } from '../../src/stock/ledger.js'
import { PrismaLedgerStore, sumOfMovements } from '../../src/adapters/prisma/stock/ledger-store.js'
import { Stock } from '../../src/stock/stock.js'
import type { PostRequest } from '../../src/stock/stock-transaction.js'
import { OrderApplier } from '../../src/orders/order-applier.js'
import { Rebuilder, type RebuildReport } from '../../src/stock/gate/rebuild.js'
import { namedBalances, nonEmpty } from './balances.js'
import { PrismaOrderStore } from '../../src/adapters/prisma/orders/order-store.js'
import { PrismaTransaction } from '../../src/infrastructure/prisma/transaction.js'

/** The stock as one process uses it, on real servers. */
export interface StockBench {
  prisma: PrismaClient
  redis: Redis
  gate: StockGate
  ledger: Ledger
  rebuilder: Rebuilder
  stock: Stock
  orders: OrderApplier
  rebuilds: RebuildReport[]
  /** Statements sent to PostgreSQL so far. */
  statements(): number
  /** An event whose units are all unallocated except the safety stock, with a channel on each platform. Returns its id. */
  openEvent(capacity: number, safety?: number, platforms?: readonly Platform[]): Promise<string>
  /** Balances by the names that the API shows. */
  balances(eventId: string): Promise<Balances>
  /** Posts `quantity` from UNALLOCATED to HELD, batched with concurrent requests. Null: insufficient units. */
  hold(eventId: string, operationId: string, quantity?: number): Promise<Movement[] | null>
  /** Posts one operation in its own transaction. Null: insufficient units. */
  post(eventId: string, posting: Posting): Promise<Movement[] | null>
  /** Leaves a pending operation as a crashed process does: posted in the gate, not recorded in the ledger. */
  abandon(eventId: string, operationId: string, quantity?: number): Promise<void>
  /** I1, I7 and I14: the ledger adds up, its movements replay to its balances, and the gate shows the same. */
  expectSound(eventId: string): Promise<void>
  close(): Promise<void>
}

export function openStock(databaseUrl: string, redisUrl: string): StockBench {
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: databaseUrl, max: 20 }),
    log: [{ emit: 'event', level: 'query' }],
  })
  let statements = 0
  prisma.$on('query', () => (statements += 1))
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, enableOfflineQueue: true, commandTimeout: 5_000 })
  redis.on('error', () => undefined)
  const gate = new RedisStockGate(redis)
  const ledger = new Ledger(new PrismaLedgerStore(prisma))
  const rebuilds: RebuildReport[] = []
  const clock = new SystemClock()
  const rebuilder = new Rebuilder(ledger, gate, (report) => rebuilds.push(report), clock)
  const ignore = () => undefined
  const stock = new Stock(gate, ledger, rebuilder, ignore)
  const holds = new BatchQueue(
    (eventId, requests: PostRequest[]) => stock.transact(eventId, (tx) => tx.postAll(requests)),
    clock,
  )
  return {
    prisma,
    redis,
    gate,
    ledger,
    rebuilder,
    stock,
    orders: new OrderApplier(new PrismaOrderStore(prisma), stock, clock),
    statements: () => statements,
    rebuilds,
    openEvent: (capacity, safety = 0, platforms = []) => openEvent(prisma, ledger, { capacity, safety, platforms }),
    balances: async (eventId) => namedBalances(prisma, eventId, (await ledger.read(eventId)).balances),
    hold: (eventId, operationId, quantity = 1) => holds.submit(eventId, requestOf(toHeld(quantity), operationId)),
    post: (eventId, posting) => stock.transact(eventId, (tx) => tx.post(requestOf(posting))),
    async abandon(eventId, operationId, quantity = 1) {
      const { epoch, balances } = await ledger.read(eventId)
      await gate.install(eventId, epoch, balances)
      const result = await gate.take(eventId, { operationId, postings: [toHeld(quantity)] })
      expect(result.kind).toBe('TAKEN')
    },
    async expectSound(eventId) {
      const { balances, epoch } = await ledger.read(eventId)
      expect(findInvariantViolation(balances)).toBeNull()
      expect(nonEmpty(await prisma.$transaction((tx) => sumOfMovements(tx, eventId)))).toEqual(nonEmpty(balances))
      const shown = await gate.read(eventId)
      if (shown) expect({ epoch: shown.epoch, ...nonEmpty(shown.balances) }).toEqual({ epoch, ...nonEmpty(balances) })
    },
    async close() {
      await prisma.$disconnect()
      redis.disconnect()
    },
  }
}

export function toHeld(quantity: number): Posting {
  return { quantity, sources: ['UNALLOCATED'], destination: 'HELD' }
}

export function requestOf(posting: Posting, id?: string): PostRequest {
  return {
    ...(id === undefined ? {} : { id }),
    postings: [posting],
    reason: 'test',
    actor: null,
    onInsufficient: 'skip',
  }
}

/** The id of a channel that `openEvent` created. */
export const channelIdOf = (eventId: string, platform: Platform) => `${eventId}-${platform}`

async function openEvent(
  prisma: PrismaClient,
  ledger: Ledger,
  { capacity, safety, platforms }: { capacity: number; safety: number; platforms: readonly Platform[] },
): Promise<string> {
  const id = newId('evt')
  await prisma.$transaction(async (tx) => {
    const ratios = { softCapRatio: 0.9, safetyStockRatio: safety / capacity, directWeight: 1 }
    const data = { id, name: 'An event', startsAt: new Date(Date.now() + 86_400_000), ...ratios }
    const channels = platforms.map((platform) => ({ id: channelIdOf(id, platform), platform, externalEventId: id }))
    await tx.event.create({ data: { ...data, capacity, targetCapacity: capacity, channels: { create: channels } } })
    const opening = [
      { from: 'CAPACITY' as const, to: 'UNALLOCATED' as const, quantity: capacity - safety },
      { from: 'CAPACITY' as const, to: 'SAFETY' as const, quantity: safety },
    ]
    const movements = opening.filter(({ quantity }) => quantity > 0)
    await ledger.open(new PrismaTransaction(tx), id, {
      operationId: `${id}:opening`,
      reason: 'opening',
      actor: null,
      movements,
    })
  })
  return id
}
