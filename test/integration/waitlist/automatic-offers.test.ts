import { describe, expect, it } from 'vitest'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { WaitlistOffers } from '../../../src/waitlist/waitlist-offers.js'
import {
  claim,
  entriesOf,
  fullyHeld,
  joined,
  leave,
  mailedToken,
  sales,
  second,
  useWaitlist,
} from '../../support/fixtures/waitlist.js'
import { until } from '../../support/service/test-system.js'

useWaitlist()

describe('Automatic offers', () => {
  const automatic = { waitlistPolicy: 'AUTOMATIC' }
  const all = () => [sales.service, second].map(({ app }) => app.get(WaitlistOffers))

  it('are created once to the next entries when tickets are released, by concurrent processes', async () => {
    const { eventId, hold } = await fullyHeld(automatic, 30)
    for (let index = 0; index < 40; index++) await joined(eventId, `p${index}`)
    await Promise.all(all().map((offers) => offers.offerAll()))
    expect((await entriesOf(eventId)).every(({ state }) => state === 'WAITING')).toBe(true)
    await sales.release(hold.id)
    await Promise.all(Array.from({ length: 10 }, async (_, i) => all()[i % 2]?.offerAll()))
    const items = await entriesOf(eventId)
    expect(items.map(({ state }) => state)).toEqual(items.map((_, index) => (index < 30 ? 'OFFERED' : 'WAITING')))
    const holds = await sales.prisma.hold.findMany({ where: { eventId, accountId: null, state: 'HELD' } })
    expect([holds.length, new Set(items.map(({ holdId }) => holdId)).size]).toEqual([30, 31])
    expect(await sales.prisma.mail.count({ where: { kind: 'OFFER', text: { contains: items[0]?.id ?? '' } } })).toBe(1)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 30, 'ALLOCATED:DIRECT': 0 })

    // Lapsed offers go to the next entries; claimed ones do not.
    const first = items[0]
    expect((await claim(first?.id ?? '', { token: await mailedToken('p0') })).status).toBe(200)
    sales.setClock(() => new Date(Date.now() + 7 * 3_600_000))
    await sales.service.app.get(HoldExpiry).sweep()
    await Promise.all(all().map((offers) => offers.offerAll()))
    const after = await entriesOf(eventId)
    expect(after.slice(0, 2).map(({ state }) => state)).toEqual(['CONFIRMED', 'LAPSED'])
    expect(after.slice(30).map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'OFFERED'))
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 10, 'SOLD:DIRECT': 1, 'ALLOCATED:DIRECT': 19 })
  })

  it('are created once per address, however often it joined, and again when it joins again', async () => {
    const { eventId, hold } = await fullyHeld(automatic, 4)
    const [first, twin] = [await joined(eventId, 'ana'), await joined(eventId, 'Ana', 2)]
    const ben = await joined(eventId, 'ben')
    const states = async () => (await entriesOf(eventId)).map(({ id, state }) => [id, state])
    await sales.release(hold.id)
    await Promise.all(all().map((offers) => offers.offerAll()))
    const offered = [
      [first.id, 'OFFERED'],
      [twin.id, 'WAITING'],
      [ben.id, 'OFFERED'],
    ]
    expect(await states()).toEqual(offered)
    await all()[0]?.offerAll()
    expect(await states()).toEqual(offered)
    sales.setClock(() => new Date(Date.now() + 7 * 3_600_000))
    await sales.service.app.get(HoldExpiry).sweep()
    await all()[0]?.offerAll()
    expect(await states()).toEqual(offered.map(([id, state]) => [id, state === 'OFFERED' ? 'LAPSED' : state]))
    const again = await joined(eventId, 'ana')
    await all()[0]?.offerAll()
    expect((await states()).at(-1), 'the tickets are on general sale').toEqual([again.id, 'WAITING'])
    sales.setClock(() => new Date())
    const everything = await sales.createHold(eventId, { quantity: 4 })
    await sales.release(everything.id)
    await all()[0]?.offerAll()
    expect((await states()).at(-1)).toEqual([again.id, 'OFFERED'])
    await sales.expectSound(eventId)
  })

  it('are created to the next entry of an address when its first entry leaves', async () => {
    const { eventId, hold } = await fullyHeld(automatic, 2)
    const [stranger, ana] = [await joined(eventId, 'ana', 2), await joined(eventId, 'ana', 2)]
    await sales.release(hold.id)
    await all()[0]?.offerAll()
    expect((await leave(stranger.id, stranger.leaveToken)).status).toBe(204)
    await all()[0]?.offerAll()
    expect(await entriesOf(eventId)).toMatchObject([
      { id: stranger.id, state: 'LEFT' },
      { id: ana.id, state: 'OFFERED', quantity: 2 },
    ])
    expect((await claim(ana.id, { token: await mailedToken('ana') })).status).toBe(200)
    await sales.expectSound(eventId)
  })

  it('are created without a request, and do not oversell in a race with customers', async () => {
    const workers = [await sales.startInstance(), await sales.startInstance()] as const
    for (const { app } of workers) app.get(BackgroundTasks).start(WaitlistOffers)
    const { eventId, hold } = await fullyHeld(automatic, 10)
    for (let index = 0; index < 10; index++) await joined(eventId, `r${index}`)
    const requests = Array.from({ length: 40 }, async (_, index) => {
      if (index === 10) await sales.release(hold.id, { on: workers[0] })
      return sales.hold(eventId, { quantity: 1 }, { on: workers[index % 2 ? 1 : 0] })
    })
    const responses = await Promise.all(requests)
    const bought = responses.filter(({ status }) => status === 201).length
    await until(async () => {
      const offered = (await entriesOf(eventId)).filter(({ state }) => state === 'OFFERED').length
      expect(offered + bought).toBe(10)
    })
    for (const worker of workers) await worker.close()
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 10, 'ALLOCATED:DIRECT': 0 })
  })

  it('skip entries for more tickets than available, and are not created in a pause or with MANUAL', async () => {
    const big = await fullyHeld(automatic, 2)
    const [ana, ben] = [await joined(big.eventId, 'ana', 3), await joined(big.eventId, 'ben', 2)]
    await sales.release(big.hold.id)
    const withoutOffers = await Promise.all(
      [{ waitlistPolicy: 'MANUAL' }, automatic].map(async (fields) => {
        const { eventId, hold } = await fullyHeld(fields)
        await joined(eventId, 'ana')
        await sales.release(hold.id)
        return eventId
      }),
    )
    await sales.service.call('POST', `/events/${withoutOffers[1]}/pause`, { token: sales.admin.token })
    await all()[0]?.offerAll()
    expect(await entriesOf(big.eventId)).toMatchObject([
      { id: ana.id, state: 'WAITING' },
      { id: ben.id, state: 'OFFERED' },
    ])
    for (const eventId of withoutOffers) expect(await entriesOf(eventId)).toMatchObject([{ state: 'WAITING' }])
    const patched = await sales.service.call('PATCH', `/events/${withoutOffers[0]}`, {
      token: sales.operator.token,
      body: { waitlistPolicy: 'AUTOMATIC' },
    })
    expect(patched.body).toMatchObject({ waitlistPolicy: 'AUTOMATIC' })
    await all()[0]?.offerAll()
    expect(await entriesOf(withoutOffers[0] ?? ''), 'on general sale').toMatchObject([{ state: 'WAITING' }])
  })

  it('are not created while the tickets are on general sale, but in a red alarm and from a sell-out on', async () => {
    const eventId = await sales.event({ ...automatic, capacity: 10 })
    for (let index = 0; index < 8; index++) await joined(eventId, `a${index}`)
    const offered = async () => (await entriesOf(eventId)).filter(({ state }) => state === 'OFFERED').length
    await all()[0]?.offerAll()
    expect(await offered()).toBe(0)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'ALLOCATED:DIRECT': 10 })

    const almost = await sales.createHold(eventId, { quantity: 9 })
    const last = await sales.createHold(eventId, { quantity: 1 })
    await sales.release(last.id)
    await all()[0]?.offerAll()
    expect(await offered()).toBe(1)
    await sales.release(almost.id)
    await Promise.all(all().map((offers) => offers.offerAll()))
    expect(await offered()).toBe(8)
    // Two tickets are left that no entry waits for: who joins now can buy them.
    const late = await joined(eventId, 'late')
    await all()[0]?.offerAll()
    expect((await entriesOf(eventId)).at(-1)).toMatchObject({ id: late.id, state: 'WAITING' })
    await sales.prisma.event.update({ where: { id: eventId }, data: { redAlarmSince: new Date() } })
    await all()[0]?.offerAll()
    expect((await entriesOf(eventId)).at(-1)).toMatchObject({ id: late.id, state: 'OFFERED' })
    await sales.expectSound(eventId)
  })

  it('are created for small entries behind any number of large ones', async () => {
    const { eventId, hold } = await fullyHeld(automatic, 5)
    const address = (index: number) => ({ eventId, name: 'Large', email: `l${index}@example.com`, quantity: 100 })
    const createdAt = new Date()
    const large = Array.from({ length: 110 }, (_, index) => ({ ...address(index), id: `wle_${eventId}_${index}` }))
    await sales.prisma.waitlistEntry.createMany({
      data: large.map((entry) => ({ ...entry, createdAt, verifiedAt: createdAt })),
    })
    const small = await joined(eventId, 'small')
    await sales.release(hold.id)
    await all()[0]?.offerAll()
    const [entry] = await entriesOf(eventId, '&state=OFFERED')
    expect(entry).toMatchObject({ id: small.id, quantity: 1 })
    await sales.expectSound(eventId)
  })

  it('skip entries for more tickets than seats are free', async () => {
    const seats = [{ section: 'Stalls', rows: [{ row: 'A', count: 3 }] }]
    const eventId = await sales.event({ ...automatic, capacity: 6, seats })
    const [ana, ben] = [await joined(eventId, 'ana', 5), await joined(eventId, 'ben', 2)]
    await sales.prisma.eventLedger.update({ where: { eventId }, data: { soldOutSince: new Date() } })
    await all()[0]?.offerAll()
    expect(await entriesOf(eventId)).toMatchObject([
      { id: ana.id, state: 'WAITING' },
      { id: ben.id, state: 'OFFERED' },
    ])
    await sales.expectSound(eventId)
  })
})
