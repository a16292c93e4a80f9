import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { untilInSync, startIdleTestSystem } from '../../support/fixtures/reconcile.js'
import { until, type Listings, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
let prisma: PrismaService
let locked: { id: string; listings: Listings }
let other: { id: string; listings: Listings }
let blocker: Client

const SOFT_CAP = { softCapRatio: 0.1, directWeight: 1 }

beforeAll(async () => {
  system = await startIdleTestSystem()
  prisma = system.app.app.get(PrismaService)
  const [mine, theirs] = [system.list(), system.list()]
  const ids = [await system.createEvent(100, mine, SOFT_CAP), await system.createEvent(100, theirs, SOFT_CAP)] as const
  locked = { id: ids[0], listings: mine }
  other = { id: ids[1], listings: theirs }
  for (const id of ids) await untilInSync(system, id)
})
afterEach(() => blocker?.end())
afterAll(() => system?.close())

/** Locks the row of an event in another session until the test ends, while all loops have work for that event. */
async function lockBalances(eventId: string): Promise<void> {
  blocker = new Client({ connectionString: system.databaseUrl })
  await blocker.connect()
  await blocker.query('BEGIN')
  await blocker.query('SELECT 1 FROM ledgers WHERE event_id = $1 FOR UPDATE', [eventId])
}

describe('An event whose row is locked', () => {
  it('delays neither the red alarm of another event, nor its closings, nor a hold', async () => {
    // Its allocation is outdated, and its soft cap is reached.
    await prisma.event.update({ where: { id: locked.id }, data: { softCapRatio: 0.001 } })
    // Loops read rows in the order in which they were written.
    await prisma.event.update({ where: { id: other.id }, data: { venue: 'the other house' } })
    await prisma.channel.updateMany({
      where: { eventId: locked.id, platform: 'LUMA' },
      data: { confirmedCap: { decrement: 1 } },
    })
    system.luma.control.register({ eventId: locked.listings.luma, email: 'first@example.com' })
    await lockBalances(locked.id)
    // By now every loop has reached the event and waits for its row.
    await sleep(6_000)

    for (let index = 0; index < 10; index++) {
      system.luma.control.register({ eventId: other.listings.luma, email: `guest${index}@example.com` })
    }
    await until(async () => {
      const { state, channels } = await system.stock(other.id)
      expect(state).toBe('RED_ALARM')
      for (const { platform, mode } of channels) if (platform !== 'DIRECT') expect(mode).toBe('WAITLIST_ONLY')
    }, 20_000)
    const hold = await system.app.call('POST', `/events/${other.id}/holds`, {
      token: system.token,
      body: { quantity: 1 },
    })
    expect(hold.status).toBe(201)
    // Its row was locked the whole time.
    const stillLocked = prisma.$queryRaw`SELECT 1 FROM ledgers WHERE event_id = ${locked.id} FOR UPDATE NOWAIT`
    await expect(stillLocked).rejects.toThrow(/could not obtain lock/)
  })
})
