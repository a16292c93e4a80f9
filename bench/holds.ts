import { AppModule } from '../src/bootstrap/app.module.js'
import type { AuthenticatedUser } from '../src/accounts/authenticated-user.js'
import { loadConfig } from '../src/infrastructure/config/load-config.js'
import { createHttpApp } from '../src/infrastructure/http/create-http-app.js'
import { newId } from '../src/infrastructure/ids.js'
import { PrismaService } from '../src/infrastructure/prisma/prisma.service.js'
import { Ledger } from '../src/stock/ledger.js'
import { HoldAdmission } from '../src/holds/creation/hold-admission.js'
import { SoldOut } from '../src/domain/errors.js'
import { LockRaces, type Race } from './support/lock-races.js'
import { benchServers, hardware, line } from './support/servers.js'
import { PrismaTransaction } from '../src/infrastructure/prisma/transaction.js'

/**
 * 1,000 buyers at once for 100 tickets of one event, four ways in one run. Ours: the gate decides in Redis, and whole
 * batches share one transaction with movements, hold rows and balances. The others: the least a correct shop does,
 * which is a counter and a hold row, under an advisory lock, a row lock, or a lock in Redis. Every response is checked:
 * exactly 100 holds, and as many in the database. Rounds alternate, so that a busy moment hits all of them.
 */
const BUYERS = 1_000
const TICKETS = 100
const ROUNDS = 5

type Way = 'Lua gate + group commit' | 'advisory lock' | 'SELECT FOR UPDATE' | 'SETNX lock per event'

const servers = await benchServers()
try {
  const { databaseUrl, redisUrl } = servers
  const env = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, AUTH_SECRET: 'only for this benchmark', DEMO: 'off' }
  const config = loadConfig({ ...env, LOG_LEVEL: 'error', LOG_FORMAT: 'json' })
  const app = await createHttpApp(AppModule.of(config))
  await app.init()
  const races = await LockRaces.open(databaseUrl, redisUrl)
  const ours = await oursOn(app.get(HoldAdmission), app.get(PrismaService), app.get(Ledger))
  const ways: [Way, () => Promise<Race>][] = [
    ['Lua gate + group commit', ours],
    ['advisory lock', () => races.advisoryLock(BUYERS, TICKETS)],
    ['SELECT FOR UPDATE', () => races.rowLock(BUYERS, TICKETS)],
    ['SETNX lock per event', () => races.setnxLock(BUYERS, TICKETS)],
  ]
  const rounds = new Map<Way, Race[]>(ways.map(([way]) => [way, []]))
  for (const [, race] of ways) await race() // warms up
  for (let round = 0; round < ROUNDS; round++) {
    for (const [way, race] of ways) rounds.get(way)?.push(check(way, await race()))
  }
  console.log(
    `${BUYERS} requests at once for ${TICKETS} tickets, median of ${ROUNDS} rounds; PostgreSQL and Redis with fsync`,
  )
  console.log(`${hardware()}\n`)
  const base = median(rounds.get('Lua gate + group commit') ?? [])
  for (const [way] of ways) {
    const race = median(rounds.get(way) ?? [])
    console.log(line(way, race, base.perSecond / race.perSecond))
  }
  console.log('\nratio: time until all 1,000 have a result, relative to ours')
  await races.close()
  await app.close()
} finally {
  await servers.stop()
}

/** Each race is for an event of its own. */
async function oursOn(admission: HoldAdmission, prisma: PrismaService, ledger: Ledger): Promise<() => Promise<Race>> {
  const id = newId('usr')
  const person = { id, email: `${id}@example.com`, name: 'Bench', role: 'CUSTOMER' } as const
  await prisma.user.create({ data: { ...person, passwordHash: '-' } })
  const buyer: AuthenticatedUser = { ...person, sessionId: 'bench', emailVerified: true }
  return async () => {
    const eventId = await openEvent(prisma, ledger)
    const race = await LockRaces.run(BUYERS, async () => {
      try {
        await admission.admit(eventId, { quantity: 1 }, undefined, buyer)
        return true
      } catch (error) {
        if (error instanceof SoldOut) return false
        throw error
      }
    })
    const { balances } = await ledger.read(eventId)
    const rows = await prisma.hold.count({ where: { eventId, state: 'HELD' } })
    return { ...race, recorded: balances.HELD === rows ? rows : -1 }
  }
}

async function openEvent(prisma: PrismaService, ledger: Ledger): Promise<string> {
  const eventId = newId('evt')
  await prisma.$transaction(async (tx) => {
    const rules = { softCapRatio: 1, safetyStockRatio: 0, directWeight: 1, startsAt: new Date(Date.now() + 86_400_000) }
    await tx.event.create({
      data: { id: eventId, name: 'Bench', capacity: TICKETS, targetCapacity: TICKETS, ...rules },
    })
    const movements = [
      { from: 'CAPACITY', to: 'UNALLOCATED', quantity: TICKETS },
      { from: 'UNALLOCATED', to: 'ALLOCATED:DIRECT', quantity: TICKETS },
    ] as const
    await ledger.open(new PrismaTransaction(tx), eventId, {
      operationId: `${eventId}:opening`,
      reason: 'opening',
      actor: null,
      movements,
    })
  })
  return eventId
}

function check(way: Way, race: Race): Race {
  const { granted, refused, recorded } = race
  if (granted === TICKETS && refused === BUYERS - TICKETS && recorded === TICKETS) return race
  throw new Error(`${way}: ${granted} granted, ${refused} refused, ${recorded} recorded: not a valid sample`)
}

function median(races: readonly Race[]): Race {
  const middle = races.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(races.length / 2)]
  if (!middle) throw new Error('no rounds')
  return middle
}
