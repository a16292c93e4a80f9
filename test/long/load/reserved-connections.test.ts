import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDatabaseOutage } from '../../../src/infrastructure/errors/database-outage.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { withWorkClass, type WorkClass } from '../../../src/infrastructure/work-class.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'

let database: TestDatabase
let prisma: PrismaService

beforeAll(async () => {
  database = await createTestDatabase()
  prisma = new PrismaService({ databaseUrl: database.url } as never)
  await prisma.$queryRaw`SELECT 1`
})

afterAll(async () => {
  await prisma?.$disconnect()
  await database?.drop()
})

const SECONDS = 2
const slow = () => prisma.$queryRaw`SELECT pg_sleep(${SECONDS})::text`
const slowTransaction = () => prisma.$transaction((client) => client.$queryRaw`SELECT pg_sleep(${SECONDS})::text`)

/** ms that a query takes while 40 slow ones of another class run. */
async function during(flood: WorkClass | undefined, work: () => Promise<unknown>, probe: WorkClass | undefined) {
  // A query of Prisma starts when it is awaited: that has to be within the class, as in a request.
  const of = <T>(workClass: WorkClass | undefined, run: () => Promise<T>) =>
    workClass ? withWorkClass(workClass, async () => await run()) : run()
  const running = Array.from({ length: 40 }, () =>
    of(flood, work).then(
      () => null,
      (error: unknown) => error,
    ),
  )
  await sleep(300)
  const startedAt = performance.now()
  await of(probe, () => prisma.$queryRaw`SELECT 1`)
  const ms = performance.now() - startedAt
  return { ms, results: await Promise.all(running) }
}

describe('Connections to the database', () => {
  it.each([['STAFF'], ['DELIVERY'], ['HEALTH'], [undefined]] as const)(
    'are free for %s while many customers read',
    async (probe) => {
      const { ms, results } = await during('PUBLIC', slow, probe)
      expect(ms).toBeLessThan(1_000)
      expect(results.every((error) => error === null || isDatabaseOutage(error))).toBe(true)
    },
  )

  it('are free for staff while many customers and the service itself have transactions', async () => {
    expect((await during('PUBLIC', slowTransaction, 'STAFF')).ms).toBeLessThan(1_000)
    expect((await during(undefined, slowTransaction, 'STAFF')).ms).toBeLessThan(1_000)
  })

  it('are not reserved from the class that uses them: without classes the same query waits', async () => {
    expect((await during('STAFF', slow, 'STAFF')).ms).toBeGreaterThan(1_000)
  })

  it('are available to everybody again afterwards', async () => {
    const runs = Array.from({ length: 60 }, () => withWorkClass('PUBLIC', async () => await prisma.$queryRaw`SELECT 1`))
    expect(await Promise.all(runs)).toHaveLength(60)
  })
})
