import { PrismaPg } from '@prisma/adapter-pg'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { PrismaQuarantineStore } from '../src/adapters/prisma/orders/quarantine-store.js'
import { PrismaOrderStore } from '../src/adapters/prisma/orders/order-store.js'
import { PrismaRecountRequests } from '../src/adapters/prisma/orders/recount-requests.js'
import { PrismaLedgerStore, sumOfMovements } from '../src/adapters/prisma/stock/ledger-store.js'
import { RedisStockGate } from '../src/adapters/redis/redis-stock-gate.js'
import { sold, unitsOf } from '../src/domain/stock/ledger-account.js'
import type { Channel } from '../src/domain/channel-record.js'
import { environmentConnectionId } from '../src/domain/connection-record.js'
import type { OrderSnapshot } from '../src/domain/orders/order-snapshot.js'
import { PrismaClient } from '../src/generated/prisma/client.js'
import { newId } from '../src/infrastructure/ids.js'
import { withPlatform } from '../src/infrastructure/prisma/channel-rows.js'
import { PrismaTransaction } from '../src/infrastructure/prisma/transaction.js'
import { SystemClock } from '../src/infrastructure/time/system-time.js'
import { OrderApplier } from '../src/orders/order-applier.js'
import { OrderIngest } from '../src/orders/order-ingest.js'
import { Quarantine } from '../src/orders/quarantine.js'
import { Rebuilder } from '../src/stock/gate/rebuild.js'
import { Ledger } from '../src/stock/ledger.js'
import { StockEvents } from '../src/stock/stock-events.js'
import { Stock } from '../src/stock/stock.js'
import { copyOf, insertPages, listing, pagesOf, rowsOf, rowsWritten } from './support/order-pages.js'
import { benchServers, hardware } from './support/servers.js'

/**
 * A listing as sweeps and reconciliation take it in, page after page: all orders new, all read again unchanged, then a
 * tenth of them changed. The peer inserts the rows that the new orders have left (orders, tickets, operations, movements,
 * lines of the proof) for another event, in as many transactions and on one connection, without reading or deciding
 * anything. Each round has an event of its own; every sample's rows, balances, sum of movements and gate are checked.
 */
const ORDERS = Number(process.env.ORDERS ?? 5_000)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const PAGE_SIZES = (process.env.PAGES ?? '50,250').split(',').map(Number)
const CAPACITY = 10 * ORDERS
/** In the mix, one order of this many is cancelled. */
const CHANGED_EVERY = 10

/** Orders per second. */
interface Round {
  fresh: number
  peer: number
  soon: number
  later: number
  mixed: number
}

const servers = await benchServers()
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: servers.databaseUrl, max: 20 }) })
const pool = new Pool({ connectionString: servers.databaseUrl, max: 2 })
const redis = new Redis(servers.redisUrl)
try {
  const clock = new SystemClock()
  const gate = new RedisStockGate(redis)
  const ledger = new Ledger(new PrismaLedgerStore(prisma))
  const stock = new Stock(gate, ledger, new Rebuilder(ledger, gate, () => undefined, clock), () => undefined)
  const applier = new OrderApplier(new PrismaOrderStore(prisma), stock, clock)
  const quarantine = new Quarantine(new PrismaQuarantineStore(prisma), clock)
  const ingest = new OrderIngest(new PrismaRecountRequests(prisma), applier, new StockEvents(), quarantine, clock)

  const read = async (channel: Channel, snapshots: readonly OrderSnapshot[], pageSize: number) => {
    const started = performance.now()
    for (const page of pagesOf(snapshots, pageSize)) await ingest.ingest(channel, page)
    return snapshots.length / ((performance.now() - started) / 1_000)
  }

  const check = async (channel: Channel, cancelled: number, changes: number) => {
    const { eventId } = channel
    const live = listing({ from: 0, until: ORDERS }, 0).reduce((sum, { tickets }) => sum + tickets.length, 0)
    const expected = { orders: ORDERS, tickets: live, live: live - cancelled, operations: changes, proof: changes + 2 }
    const rows = await rowsOf(pool, eventId)
    const { balances, epoch } = await ledger.read(eventId)
    const summed = await prisma.$transaction((tx) => sumOfMovements(tx, eventId))
    const shown = await gate.read(eventId)
    const units = [balances, summed, shown?.balances].map((all) => all && unitsOf(all, sold({ id: channel.id })))
    const isSound = units.every((sum) => sum === live - cancelled) && shown?.epoch === epoch
    if (!isSound || JSON.stringify(rows) !== JSON.stringify(expected)) {
      throw new Error(`not a valid sample: ${JSON.stringify({ rows, expected, units })}`)
    }
  }

  console.log(`${ORDERS} orders per round, ${ROUNDS} rounds, median; PostgreSQL and Redis with fsync\n${hardware()}\n`)
  for (const pageSize of PAGE_SIZES) {
    const rounds: Round[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const channel = await openChannel(prisma, ledger)
      const fresh = await read(channel, listing({ from: 0, until: ORDERS }, 0), pageSize)
      await check(channel, 0, ORDERS)
      const copyId = (await openChannel(prisma, ledger)).eventId
      const copies = await copyOf(pool, channel.eventId, copyId)
      if (copies.length < ORDERS / pageSize) throw new Error('pages were not applied one by one')
      const started = performance.now()
      await insertPages(pool, copies)
      const peer = ORDERS / ((performance.now() - started) / 1_000)
      const [ours, theirs] = [await rowsOf(pool, channel.eventId), await rowsOf(pool, copyId)]
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) throw new Error('the peer has inserted other rows')

      // A sweep soon after, and one an hour later: neither writes a row.
      const unchanged: number[] = []
      for (const second of [30, 3_600]) {
        const again = listing({ from: 0, until: ORDERS }, second)
        const written = await rowsWritten(pool, channel.eventId, async () => {
          unchanged.push(await read(channel, again, pageSize))
        })
        if (written > 0) throw new Error(`${written} rows were written for unchanged orders after ${second} s`)
      }
      const isLive = (index: number) => index % CHANGED_EVERY !== 0
      const all = listing({ from: 0, until: ORDERS }, 4_000, isLive)
      const cancelled = all.flatMap(({ tickets }) => tickets).filter(({ live }) => !live).length
      const mixed = await read(channel, all, pageSize)
      await check(channel, cancelled, ORDERS + Math.ceil(ORDERS / CHANGED_EVERY))
      // The first one warms up.
      if (round > 0) rounds.push({ fresh, peer, soon: unchanged[0] ?? 0, later: unchanged[1] ?? 0, mixed })
    }
    const of = (name: keyof Round) => median(rounds.map((round) => round[name]))
    const against = (name: keyof Round) => median(rounds.map((round) => round[name] / round.peer))
    console.log(`pages of ${pageSize}`)
    row('peer: the same rows inserted, nothing else', of('peer'), 1)
    row('all orders new', of('fresh'), against('fresh'))
    row('all unchanged, read again after 30 s', of('soon'), against('soon'))
    row('all unchanged, read again after an hour', of('later'), against('later'))
    row(`one of ${CHANGED_EVERY} cancelled, the others unchanged`, of('mixed'), against('mixed'))
  }
} finally {
  await prisma.$disconnect()
  await pool.end()
  redis.disconnect()
  await servers.stop()
}

async function openChannel(prisma: PrismaClient, ledger: Ledger): Promise<Channel> {
  const id = newId('evt')
  const row = await prisma.$transaction(async (tx) => {
    const startsAt = new Date(Date.now() + 86_400_000)
    const fields = { softCapRatio: 1, safetyStockRatio: 0, directWeight: 1, startsAt }
    await tx.event.create({ data: { id, name: 'Bench', capacity: CAPACITY, targetCapacity: CAPACITY, ...fields } })
    const created = await tx.channel.create({
      data: {
        id: `${id}-listing`,
        eventId: id,
        platform: 'LUMA',
        connectionId: environmentConnectionId('LUMA'),
        externalEventId: id,
      },
    })
    const movements = [{ from: 'CAPACITY' as const, to: 'UNALLOCATED' as const, quantity: CAPACITY }]
    const opening = { operationId: `${id}:opening`, reason: 'opening', actor: null, movements }
    await ledger.open(new PrismaTransaction(tx), id, opening)
    return created
  })
  return withPlatform(row)
}

function row(name: string, perSecond: number, ratio: number): void {
  console.log(`  ${name.padEnd(46)} ${Math.round(perSecond).toString().padStart(7)}/s  ratio ${ratio.toFixed(2)}`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
