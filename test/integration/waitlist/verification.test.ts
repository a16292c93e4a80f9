import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Waitlist } from '../../../src/waitlist/waitlist.js'
import { WaitlistOffers } from '../../../src/waitlist/waitlist-offers.js'
import { leaveEntry, readEntry, verifyEntry } from '../../support/fixtures/entry-owner.js'
import { Sales } from '../../support/fixtures/sales.js'
import {
  entriesOf,
  fullyHeld,
  join,
  joinedUnverified,
  offer,
  sales,
  useWaitlist,
  verificationToken,
} from '../../support/fixtures/waitlist.js'

useWaitlist({ SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'Tickets <t@example.com>' })

describe('The address of a waitlist entry', () => {
  const offerAll = () => sales.service.app.get(WaitlistOffers).offerAll()

  it('is confirmed with the token of its mail before it gets an automatic offer', async () => {
    const { eventId, hold } = await fullyHeld({ waitlistPolicy: 'AUTOMATIC' })
    const ana = await joinedUnverified(eventId, 'ana', 2)
    const ben = await joinedUnverified(eventId, 'ben')
    const token = (await verificationToken(ben.id)) ?? ''
    for (const wrong of [ben.leaveToken, 'x', await verificationToken(ana.id)])
      expect((await verifyEntry(sales.service, ben.id, wrong ?? '')).status).toBe(404)
    expect((await readEntry(sales.service, ben.id, token)).status).toBe(404)
    expect((await leaveEntry(sales.service, ben.id, token)).status).toBe(404)
    expect((await verifyEntry(sales.service, ben.id, token)).body).toMatchObject({ emailVerified: true, position: 2 })
    expect((await verifyEntry(sales.service, ben.id, token)).status).toBe(200)
    await sales.release(hold.id)
    await offerAll()
    expect(await entriesOf(eventId)).toMatchObject([
      { id: ana.id, state: 'WAITING', emailVerified: false },
      { id: ben.id, state: 'OFFERED', emailVerified: true },
    ])
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 1 })
  })

  it('gets a few links a day and event, without any text of who joined', async () => {
    const { eventId } = await fullyHeld()
    const where = { kind: 'ENTRY_VERIFICATION', recipient: 'victim@example.com' }
    const body = { name: 'Win a car at evil.example', email: 'Victim@example.com', quantity: 1 }
    for (let index = 0; index < 5; index++) {
      const path = `/events/${eventId}/waitlist`
      const email = index % 2 ? body.email : 'victim@example.com'
      expect((await sales.service.call('POST', path, { body: { ...body, email }, ip: `10.3.0.${index}` })).status).toBe(
        201,
      )
    }
    const mails = await sales.prisma.mail.findMany({
      where: { ...where, recipient: { in: ['victim@example.com', body.email] } },
    })
    expect(mails).toHaveLength(3)
    for (const { subject, text } of mails) expect(`${subject}${text}`).not.toMatch(/evil|car/)
  })

  it('is confirmed before staff can offer it tickets, and its entry is deleted after two days', async () => {
    const eventId = await sales.event()
    const [ana, ben] = [await joinedUnverified(eventId, 'ana'), await joinedUnverified(eventId, 'ben')]
    expect((await offer(ana.id)).body).toMatchObject({ code: 'STATE_CONFLICT' })
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0 })
    await verifyEntry(sales.service, ana.id)
    const waitlist = sales.service.app.get(Waitlist)
    sales.setClock(() => new Date(Date.now() + 47 * 3_600_000))
    await waitlist.deleteUnverified()
    expect(await sales.prisma.waitlistEntry.count({ where: { eventId } })).toBe(2)
    sales.setClock(() => new Date(Date.now() + 49 * 3_600_000))
    await waitlist.deleteUnverified()
    sales.setClock(() => new Date())
    const [left, ...others] = await sales.prisma.waitlistEntry.findMany({ where: { eventId } })
    expect([left?.id, others]).toEqual([ana.id, []])
    expect((await verifyEntry(sales.service, ben.id)).status).toBe(404)
    expect((await offer(ana.id)).status).toBe(201)
  })
})

describe('Where no mails are sent, the address of a waitlist entry', () => {
  let silent: Sales

  beforeAll(async () => {
    silent = await Sales.start()
  })
  afterAll(() => silent?.stop())

  it('need not be confirmed, since no link is received', async () => {
    const eventId = await silent.event({ capacity: 4, waitlistPolicy: 'AUTOMATIC' })
    const hold = await silent.createHold(eventId, { quantity: 4 })
    const [ana, ben] = [
      (await join(eventId, 'ana', 1, silent.service)).body,
      (await join(eventId, 'ben', 9, silent.service)).body,
    ]
    await silent.release(hold.id)
    await silent.service.app.get(WaitlistOffers).offerAll()
    const entries = await silent.prisma.waitlistEntry.findMany({ where: { eventId }, orderBy: { seq: 'asc' } })
    expect(entries).toMatchObject([
      { id: ana.id, state: 'OFFERED', verifiedAt: null },
      { id: ben.id, state: 'WAITING' },
    ])
  })
})
