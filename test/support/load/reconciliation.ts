import { environmentConnectionId } from '../../../src/domain/connection-record.js'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { allocated } from '../../../src/domain/stock/ledger-account.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { StockGate } from '../../../src/stock/gate/gate.js'
import { Ledger } from '../../../src/stock/ledger.js'
import { dropWebhooks, startIdleTestSystem } from '../fixtures/reconcile.js'
import type { TestSystem, TestSystemOptions } from '../service/test-system.js'
import { PrismaTransaction } from '../../../src/infrastructure/prisma/transaction.js'

/** A system in which only a reconciliation run finds sales. */
export async function startTestSystemWithoutWebhooks(options: TestSystemOptions = {}): Promise<TestSystem> {
  const system = await startIdleTestSystem({ ...options, background: false })
  system.luma.toggles.patch({ invitedPerRegistration: 0 })
  // The simulators share this process: their undelivered webhooks would be part of the measured heap.
  dropWebhooks(system)
  return system
}

/** Creates an event of capacity 3 × `tickets` whose channels were imported before `tickets` tickets were sold. */
export async function sellWithoutNotification(system: TestSystem, number: number, tickets: number): Promise<void> {
  const cap = tickets
  const listings = system.list({ eventbrite: cap, luma: cap, meetup: cap })
  const perPlatform = Math.floor(tickets / 6)
  for (let i = 0; i < perPlatform; i++) {
    system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 })
    system.luma.control.register({ eventId: listings.luma, quantity: 2, email: `buyer.${i}@example.com` })
    system.meetup.control.rsvp(listings.meetup, { guests: 1 })
  }
  const id = `evt_${String(number).padStart(32, '0')}`
  const capacity = 3 * cap
  const ids = { EVENTBRITE: listings.eventbrite, LUMA: listings.luma, MEETUP: listings.meetup } as const
  const channels = Object.entries(ids).map(([platform, externalEventId]) => ({
    id: `chn_${platform}_${number}`,
    platform: platform as keyof typeof ids,
    connectionId: environmentConnectionId(platform as keyof typeof ids),
    externalEventId,
    importedAt: new Date(),
    confirmedCap: cap,
    confirmedMode: 'OPEN' as const,
  }))
  const ratios = { softCapRatio: 0.9, safetyStockRatio: 0, directWeight: 0 }
  const startsAt = new Date(Date.now() + 86_400_000)
  const fields = { id, name: `Event ${number}`, startsAt, capacity, targetCapacity: capacity, ...ratios }
  const { app } = system.app
  const balances = await app.get(PrismaService).$transaction(async (tx) => {
    await tx.event.create({ data: { ...fields, channels: { create: channels } } })
    const movements = [
      { from: 'CAPACITY', to: 'UNALLOCATED', quantity: capacity },
      ...channels.map((channel) => ({ from: 'UNALLOCATED', to: allocated(channel), quantity: cap })),
    ] as Parameters<Ledger['open']>[2]['movements']
    return app
      .get(Ledger)
      .open(new PrismaTransaction(tx), id, { operationId: `${id}:opening`, reason: 'opening', actor: null, movements })
  })
  await app.get(StockGate).install(id, 1, balances)
}

/** Number of orders that `sellWithoutNotification` creates. */
export const orderCountOf = (tickets: number) => 3 * Math.floor(tickets / 6)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of the heap in use after a garbage collection. */
export function heapInUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** Number of calls that a platform refused because of its rate limit. */
export function refusals({ eventbrite, luma, meetup }: TestSystem): number {
  return [eventbrite, luma, meetup.control].flatMap(({ trace }) =>
    trace.query().calls.filter(({ status }) => status === 429),
  ).length
}
