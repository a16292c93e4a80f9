import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sales } from '../../support/fixtures/sales.js'

let sales: Sales

beforeAll(async () => {
  sales = await Sales.start()
})

afterAll(() => sales?.stop())

const EMAIL = 'jane@example.com'
const INVALID = [
  'a\u0000',
  'a\ud83d',
  'a\nb',
  'a\r\n\r\nb',
  'a\u001b[31m',
  'a\u0085b',
  'a\u2028b',
  'a\u202eb',
  'x'.repeat(10_000),
]

describe('Text in requests', () => {
  let addresses = 0
  const post = (path: string, body: object, token?: string) =>
    sales.service.call<{ code?: string; errors?: { field: string }[] }>('POST', path, {
      body,
      ip: `10.2.0.${addresses++}`,
      ...(token === undefined ? {} : { token }),
    })

  it('is refused where it has control characters, line breaks in names, or is too long, and changes nothing', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const { id } = await sales.createHold(eventId, { quantity: 1 })
    const { token } = sales.operator
    const startsAt = '2030-01-01T18:00:00Z'
    const epochOf = async () => (await sales.prisma.eventLedger.findUniqueOrThrow({ where: { eventId } })).epoch
    const before = [await epochOf(), await sales.prisma.event.count(), await sales.prisma.user.count()]
    const sale = { quantity: 1, buyer: { name: 'Jane', email: EMAIL } }
    for (const text of INVALID) {
      const responses = {
        'buyer.name': await post(`/holds/${id}/confirm`, { buyer: { name: text, email: EMAIL } }, sales.customer.token),
        name: await post(`/events/${eventId}/waitlist`, { name: text, email: EMAIL, quantity: 1 }),
        'name of an account': await post('/auth/register', { name: text, email: EMAIL, password: 'a good password' }),
        'name of an event': await post('/events', { name: text, startsAt, capacity: 1 }, token),
        venue: await post('/events', { name: 'Event', venue: text, startsAt, capacity: 1 }, token),
        reason: await post(`/events/${eventId}/safety-stock/sales`, { ...sale, reason: text }, token),
      }
      for (const [field, { status, body }] of Object.entries(responses))
        expect([field, status, body.code, body.errors?.[0]?.field], JSON.stringify(text).slice(0, 20)).toEqual([
          field,
          400,
          'VALIDATION_FAILED',
          field.split(' ', 1)[0],
        ])
    }
    expect([await epochOf(), await sales.prisma.event.count(), await sales.prisma.user.count()]).toEqual(before)
    expect((await sales.get(id)).body).toMatchObject({ state: 'HELD' })
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 1, 'SOLD:DIRECT': 0 })
    const name = 'Zoë O’Neil-Smith 👩‍👧 名前'
    expect((await sales.confirm(id, { body: { buyer: { name, email: EMAIL } } })).status).toBe(200)
    expect(await sales.prisma.order.findFirstOrThrow({ where: { eventId } })).toMatchObject({ buyerName: name })
  })

  it('of a buyer becomes no link in a mail, and no formula in a file', async () => {
    const eventId = await sales.event()
    const { id } = await sales.createHold(eventId, { quantity: 1 })
    const name = 'x;=1+1 from www.evil.example'
    const buyer = { name, email: 'victim@example.com' }
    expect((await sales.confirm(id, { body: { buyer } })).status).toBe(200)
    const mail = await sales.prisma.mail.findFirstOrThrow({ where: { recipient: buyer.email } })
    expect(mail.text).toMatch(/^Hello,\n\nYou have a ticket/)
    expect(`${mail.subject}${mail.text}`).not.toContain('evil')
    const { token } = sales.operator
    const csv = await sales.service.call<string>('GET', `/events/${eventId}/orders.csv`, { token })
    expect(csv.body).toContain(`"x;'=1+1 from www.evil.example"`)
  })
})
