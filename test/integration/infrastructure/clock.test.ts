import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Clock } from '../../../src/infrastructure/time/clock.js'
import { MemoryDatabaseTime } from '../../../src/infrastructure/time/memory-database-time.js'
import { PostgresTime } from '../../../src/infrastructure/prisma/postgres-time.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { SkewedClock } from '../../../src/infrastructure/time/skewed-clock.js'
import { startClock } from '../../../src/infrastructure/time/start-clock.js'
import { SynchronizedClock } from '../../../src/infrastructure/time/synchronized-clock.js'
import { SystemClock, SystemTimers } from '../../../src/infrastructure/time/system-time.js'
import { startDedicatedPostgres, type DedicatedPostgres } from '../../support/servers/postgres.js'

let server: DedicatedPostgres
let prisma: PrismaService
beforeAll(async () => {
  server = await startDedicatedPostgres()
  prisma = new PrismaService({ databaseUrl: server.url } as never)
})
afterAll(async () => {
  await prisma?.$disconnect()
  await server?.stop()
})

const system = new SystemClock()
/** A busy machine may take this long for a round trip, ms. */
const TOLERANCE_MS = 500
const difference = (a: Clock, b: Clock) => Math.abs(a.now().getTime() - b.now().getTime())

describe('The clocks of processes on machines whose wall clocks differ', () => {
  it('agree by the time of PostgreSQL, and continue while it is down', async () => {
    const timers = new SystemTimers()
    const wallClocks = [60_000, -3_600_000].map((offsetMs) => new SkewedClock(system, offsetMs))
    const clocks = wallClocks.map((wall) => new SynchronizedClock(wall, new PostgresTime(prisma)))
    await Promise.all(clocks.map((clock) => startClock(clock, timers)))
    for (const clock of clocks) expect(difference(clock, system)).toBeLessThan(TOLERANCE_MS)
    for (const wall of wallClocks) wall.offsetMs *= -1
    await server.halt()
    await Promise.allSettled(clocks.map((clock) => clock.synchronize()))
    for (const clock of clocks) expect(difference(clock, system)).toBeLessThan(TOLERANCE_MS)
    // A process that starts now has no other clock than its own.
    const late = await startClock(
      new SynchronizedClock(new SkewedClock(system, 60_000), new PostgresTime(prisma)),
      timers,
    )
    expect(difference(late, system)).toBeGreaterThan(60_000 - TOLERANCE_MS)
    await server.resume()
  })
})

describe.each([
  ['PostgreSQL', () => new PostgresTime(prisma)],
  ['a database in memory', () => new MemoryDatabaseTime(system)],
])('The time of %s', (_name, create) => {
  it('is the present, and advances', async () => {
    const time = create()
    const before = system.now().getTime()
    const first = (await time.read()).getTime()
    expect(first).toBeGreaterThanOrEqual(before - 1)
    await new SystemTimers().sleep(20)
    const second = (await time.read()).getTime()
    expect(second - first).toBeGreaterThanOrEqual(15)
    expect(second).toBeLessThanOrEqual(system.now().getTime() + 1)
  })
})
