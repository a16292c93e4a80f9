import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { StockGate } from '../../src/inventory/gate.js'
import { Ledger } from '../../src/inventory/ledger.js'
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js'
import { startQuietTown } from '../support/reconcile.js'
import type { Town } from '../support/town.js'

/** `SCALE_EVENTS=200 SCALE_TICKETS=500` is the full size; the default keeps the run short. */
const EVENTS = Number(process.env.SCALE_EVENTS ?? 6)
const TICKETS = Number(process.env.SCALE_TICKETS ?? 42)
const MB = 2 ** 20
const MOST_GROWTH = 40 * MB

let town: Town
beforeAll(async () => {
  town = await startQuietTown({ background: false, limitScale: 200 })
  town.luma.toggles.patch({ invitedPerRegistration: 0 })
})
afterAll(() => town.close())

/** An event whose channels were taken over before any of these tickets was sold. */
async function soldOutOfSight(number: number): Promise<void> {
  const cap = TICKETS
  const listings = town.list({ eventbrite: cap, luma: cap, meetup: cap })
  const perPlatform = Math.floor(TICKETS / 6)
  for (let i = 0; i < perPlatform; i++) {
    town.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 })
    town.luma.control.register({ eventId: listings.luma, quantity: 2, email: `buyer.${i}@example.com` })
    town.meetup.control.rsvp(listings.meetup, { guests: 1 })
  }
  const id = `evt_${String(number).padStart(32, '0')}`
  const capacity = 3 * cap
  const ids = { EVENTBRITE: listings.eventbrite, LUMA: listings.luma, MEETUP: listings.meetup } as const
  const channels = Object.entries(ids).map(([platform, externalEventId]) => ({
    id: `chn_${platform}_${number}`,
    platform: platform as keyof typeof ids,
    externalEventId,
    adoptedAt: new Date(),
    confirmedCap: cap,
    confirmedMode: 'OPEN' as const,
  }))
  const ratios = { softCapRatio: 0.9, safetyStockRatio: 0, directWeight: 0 }
  const startsAt = new Date(Date.now() + 86_400_000)
  const fields = { id, name: `Evening ${number}`, startsAt, capacity, targetCapacity: capacity, ...ratios }
  const { app } = town.app
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

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

it('a night over many events keeps memory flat and the limits, and the next one finds nothing', async () => {
  for (let number = 0; number < EVENTS; number++) await soldOutOfSight(number)
  const heaps: number[] = []
  const measure = ({ done }: { done: number }) => {
    if (done % Math.ceil(EVENTS / 12) === 0) heaps.push(heap())
  }
  const service = town.app.app.get(ReconciliationService)
  const started = Date.now()
  const run = await service.run({ onProgress: measure })
  const seconds = (Date.now() - started) / 1_000
  const orders = 3 * Math.floor(TICKETS / 6) * EVENTS
  expect(run).toMatchObject({ state: 'SUCCEEDED', eventsDone: EVENTS, itemCount: orders })
  expect(run.items).toHaveLength(Math.min(orders, 1_000))
  expect(new Set(run.items.map(({ kind, corrected }) => `${kind} ${corrected}`))).toEqual(
    new Set(['MISSING_SALE true']),
  )
  const again = Date.now()
  expect(await service.run({ onProgress: measure })).toMatchObject({ state: 'SUCCEEDED', itemCount: 0 })
  const growth = Math.max(...heaps) - Math.min(...heaps.slice(0, 2))
  const refused = [town.eventbrite, town.luma, town.meetup.control].flatMap(({ trace }) =>
    trace.query().calls.filter(({ status }) => status === 429),
  )
  expect(refused).toEqual([])
  expect(growth).toBeLessThan(MOST_GROWTH)
  if (process.env.SCALE_EVENTS) {
    const shown = heaps.map((bytes) => Math.round(bytes / MB)).join(' ')
    process.stderr.write(`${orders} orders: ${seconds} s, again ${(Date.now() - again) / 1_000} s, heap MB ${shown}\n`)
  }
}, 1_800_000)
