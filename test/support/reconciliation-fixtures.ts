import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { StockGate } from '../../src/inventory/gate.js'
import { Ledger } from '../../src/inventory/ledger.js'
import { loseHooks, startIdleTestSystem } from './reconcile.js'
import type { TestSystem, TestSystemOptions } from './test-system.js'

/** A system where only a reconciliation run can find out what was sold. */
export async function startTestSystemWithoutWebhooks(options: TestSystemOptions = {}): Promise<TestSystem> {
  const system = await startIdleTestSystem({ ...options, background: false })
  system.luma.toggles.patch({ invitedPerRegistration: 0 })
  // The platforms are in this process too: what they had yet to deliver would be measured with the service.
  loseHooks(system)
  return system
}

/** An event whose channels were taken over before any of these tickets was sold: `tickets` of three times as many. */
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
    externalEventId,
    importedAt: new Date(),
    confirmedCap: cap,
    confirmedMode: 'OPEN' as const,
  }))
  const ratios = { softCapRatio: 0.9, safetyStockRatio: 0, directWeight: 0 }
  const startsAt = new Date(Date.now() + 86_400_000)
  const fields = { id, name: `Evening ${number}`, startsAt, capacity, targetCapacity: capacity, ...ratios }
  const { app } = system.app
  const balances = await app.get(PrismaService).$transaction(async (tx) => {
    await tx.event.create({ data: { ...fields, channels: { create: channels } } })
    const movements = [
      { from: 'CAPACITY', to: 'UNALLOCATED', quantity: capacity },
      ...channels.map(({ platform }) => ({ from: 'UNALLOCATED', to: `ALLOCATED:${platform}`, quantity: cap })),
    ] as Parameters<Ledger['open']>[2]['movements']
    return app.get(Ledger).open(tx, id, { operationId: `${id}:opening`, reason: 'opening', actor: null, movements })
  })
  await app.get(StockGate).install(id, 1, balances)
}

/** So many orders such an event has. */
export const ordersOf = (tickets: number) => 3 * Math.floor(tickets / 6)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes in use once the garbage is gone. */
export function heapInUse(): number {
  collect()
  return process.memoryUsage().heapUsed
}

/** Calls that a platform refused because its limit was passed. */
export function refusals({ eventbrite, luma, meetup }: TestSystem): number {
  return [eventbrite, luma, meetup.control].flatMap(({ trace }) =>
    trace.query().calls.filter(({ status }) => status === 429),
  ).length
}
