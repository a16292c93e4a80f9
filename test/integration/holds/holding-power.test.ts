import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SoftCap } from '../../../src/channels/soft-cap.js'
import { Sales, tally } from '../../support/fixtures/sales.js'

let sales: Sales

beforeAll(async () => {
  sales = await Sales.start()
})

afterAll(() => sales?.stop())

const DEFAULT_LIMIT = { maxHeldPerCustomer: undefined }

const patch = (eventId: string, body: object) =>
  sales.service.call<{ maxHeldPerCustomer: number | null; code?: string }>('PATCH', `/events/${eventId}`, {
    token: sales.operator.token,
    body,
  })

const stockOf = async (eventId: string) =>
  (await sales.service.call<{ state: string }>('GET', `/events/${eventId}/stock`, { token: sales.admin.token })).body

describe('The personal limit of an event', () => {
  it('is 10 unless the event has another', async () => {
    const eventId = await sales.event(DEFAULT_LIMIT)
    const refused = await sales.hold(eventId, { quantity: 11 })
    expect(refused.body).toMatchObject({
      code: 'STATE_CONFLICT',
      detail: 'A customer can have at most 10 tickets for this event.',
    })
    await sales.createHold(eventId, { quantity: 4 })
    expect((await sales.hold(eventId, { quantity: 7 })).body).toMatchObject({
      code: 'STATE_CONFLICT',
      detail: 'A customer can have at most 10 tickets for this event, and you hold or have bought 4.',
    })
    await sales.createHold(eventId, { quantity: 6 })
    expect((await sales.hold(eventId, { quantity: 20 }, { by: sales.operator })).status).toBe(201)
    await sales.expectSound(eventId)
  })

  it('counts what was bought', async () => {
    const eventId = await sales.event({ maxHeldPerCustomer: 4 })
    const buyer = await sales.buyer()
    const { id } = await sales.createHold(eventId, { quantity: 3 }, buyer)
    expect((await sales.confirm(id, { by: buyer })).status).toBe(200)
    expect((await sales.hold(eventId, { quantity: 2 }, { by: buyer })).body).toMatchObject({ code: 'STATE_CONFLICT' })
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => sales.hold(eventId, { quantity: 1 }, { by: buyer })),
    )
    expect(tally(responses)).toEqual({ '201': 1, '409 STATE_CONFLICT': 7 })
    expect((await sales.hold(eventId, { quantity: 4 }, { by: await sales.buyer() })).status).toBe(201)
    await sales.expectSound(eventId)
  })

  it('can be changed and lifted', async () => {
    const eventId = await sales.event({ maxHeldPerCustomer: 2 })
    expect((await sales.hold(eventId, { quantity: 3 })).status).toBe(409)
    expect((await patch(eventId, { maxHeldPerCustomer: 3 })).body).toMatchObject({ maxHeldPerCustomer: 3 })
    await sales.createHold(eventId, { quantity: 3 })
    expect((await sales.hold(eventId, { quantity: 30 })).status).toBe(409)
    expect((await patch(eventId, { maxHeldPerCustomer: null })).body).toMatchObject({ maxHeldPerCustomer: null })
    await sales.createHold(eventId, { quantity: 30 })
    for (const maxHeldPerCustomer of [0, 1.5, '3', 1_000_001]) {
      expect((await patch(eventId, { maxHeldPerCustomer })).body).toMatchObject({ code: 'VALIDATION_FAILED' })
    }
  })
})

describe('The red alarm', () => {
  const check = (eventId: string) => sales.service.app.get(SoftCap).check(eventId)

  it('is not raised by holds that are not being paid', async () => {
    const eventId = await sales.event({ softCapRatio: 0.9 })
    const hold = await sales.createHold(eventId, { quantity: 95 })
    await sales.service.app.get(SoftCap).checkAll()
    await check(eventId)
    expect(await stockOf(eventId)).toMatchObject({ state: 'ON_SALE', held: 95, available: 5 })
    await sales.release(hold.id)
    await check(eventId)
    expect(await stockOf(eventId)).toMatchObject({ state: 'ON_SALE', held: 0 })
    const sold = await sales.createHold(eventId, { quantity: 90 })
    await sales.confirm(sold.id)
    await check(eventId)
    expect(await stockOf(eventId)).toMatchObject({ state: 'RED_ALARM', sold: 90 })
  })

  it('is raised by holds that are being paid, and ends while others hold the rest', async () => {
    const eventId = await sales.event({ softCapRatio: 0.5 })
    await sales.createHold(eventId, { quantity: 20 })
    const { id } = await sales.createHold(eventId, { quantity: 50 })
    const setState = (state: 'HELD' | 'PAYMENT_PENDING') => sales.prisma.hold.update({ where: { id }, data: { state } })
    const reopen = () =>
      sales.service.call<{ detail: string }>('POST', `/events/${eventId}/reopen`, { token: sales.operator.token })
    await check(eventId)
    expect(await stockOf(eventId)).toMatchObject({ state: 'ON_SALE' })
    await setState('PAYMENT_PENDING')
    await sales.service.app.get(SoftCap).checkAll()
    expect(await stockOf(eventId)).toMatchObject({ state: 'RED_ALARM' })
    expect((await reopen()).body).toMatchObject({
      detail: '50 tickets are sold or being paid, and the soft cap is 50: raise the soft cap first.',
    })
    await setState('HELD')
    expect((await reopen()).body).toMatchObject({ state: 'ON_SALE' })
    expect(await stockOf(eventId)).toMatchObject({ held: 70 })
  })
})

describe('Where mails are sent', () => {
  it('a customer can hold only with a confirmed e-mail address', async () => {
    const mailing = await Sales.start({ env: { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'x@example.com' } })
    try {
      const { id } = mailing.customer
      const eventId = await mailing.event()
      const setVerified = (emailVerifiedAt: Date | null) =>
        mailing.prisma.user.update({ where: { id }, data: { emailVerifiedAt } })
      await setVerified(null)
      const refused = await mailing.hold(eventId, { quantity: 1 })
      expect([refused.status, refused.body.code]).toEqual([403, 'EMAIL_UNVERIFIED'])
      expect((await mailing.hold(eventId, { quantity: 1 }, { by: mailing.operator })).status).toBe(201)
      await setVerified(new Date())
      expect((await mailing.hold(eventId, { quantity: 1 })).status).toBe(201)
    } finally {
      await mailing.stop()
    }
  })
})
