import { Redis } from 'ioredis'
import { readFileSync } from 'node:fs'
import { RedisStockGate } from '../src/adapters/redis/redis-stock-gate.js'
import type { AuthenticatedUser } from '../src/accounts/authenticated-user.js'
import { AppModule } from '../src/bootstrap/app.module.js'
import { emptyBalances } from '../src/domain/stock/ledger-account.js'
import { HoldAdmission } from '../src/holds/creation/hold-admission.js'
import { loadConfig } from '../src/infrastructure/config/load-config.js'
import { createHttpApp } from '../src/infrastructure/http/create-http-app.js'
import { newId } from '../src/infrastructure/ids.js'
import { PrismaService } from '../src/infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../src/infrastructure/prisma/transaction.js'
import type { GateOperation } from '../src/stock/gate/gate.js'
import { Ledger } from '../src/stock/ledger.js'
import { benchServers, drive, hardware, line, type Figure } from './support/servers.js'

/**
 * Gate decisions per second against the same script called raw, and whole decisions: holds as the controller requests
 * them, from admission to the acknowledged gate, with ledger, proof and hold row in PostgreSQL.
 */
const COUNT = 20_000
const PARALLEL = 100
const PIPELINE = 100
const HOLDS = 5_000
const CUSTOMERS = 500

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

  const holds = await wholeHolds()
  console.log(line('hold: admission, gate, ledger, row, proof', holds, holds.perSecond / scaled(rawMany).perSecond))
  redis.disconnect()
} finally {
  await servers.stop()
}

/** Every hold is granted, and as many are stored. */
async function wholeHolds(): Promise<Figure> {
  const env = { DATABASE_URL: servers.databaseUrl, REDIS_URL: servers.redisUrl, AUTH_SECRET: 'only for this benchmark' }
  const app = await createHttpApp(AppModule.of(loadConfig({ ...env, DEMO: 'off', LOG_LEVEL: 'error' })))
  await app.init()
  const [admission, prisma, ledger] = [app.get(HoldAdmission), app.get(PrismaService), app.get(Ledger)]
  const customers = await createCustomers(prisma)
  const hold = async (eventId: string, index: number) => {
    const customer = customers[index % customers.length] as AuthenticatedUser
    const { repeated } = await admission.admit(eventId, { quantity: 1 }, undefined, customer)
    if (repeated) throw new Error('not a new hold')
  }
  const warmUp = await openEvent(prisma, ledger)
  await drive(HOLDS / 5, PARALLEL, (index) => hold(warmUp, index))
  const eventId = await openEvent(prisma, ledger)
  const figure = await drive(HOLDS, PARALLEL, (index) => hold(eventId, index))
  const { balances } = await ledger.read(eventId)
  const rows = await prisma.hold.count({ where: { eventId, state: 'HELD' } })
  const lines = await prisma.proofEntry.count({ where: { eventId } })
  if (balances.HELD !== HOLDS || rows !== HOLDS) throw new Error(`${balances.HELD} in the ledger, ${rows} rows`)
  if (lines !== HOLDS + 2) throw new Error(`${lines} lines in the proof`)
  await app.close()
  return figure
}

async function createCustomers(prisma: PrismaService): Promise<AuthenticatedUser[]> {
  const people = Array.from({ length: CUSTOMERS }, () => {
    const id = newId('usr')
    return { id, email: `${id}@example.com`, name: 'Bench', role: 'CUSTOMER' as const }
  })
  await prisma.user.createMany({ data: people.map((person) => ({ ...person, passwordHash: '-' })) })
  return people.map((person) => ({ ...person, sessionId: 'bench', emailVerified: true }))
}

async function openEvent(prisma: PrismaService, ledger: Ledger): Promise<string> {
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
