import fc, { type Arbitrary, type AsyncCommand } from 'fast-check'
import { expect } from 'vitest'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { WaitlistOffers } from '../../../src/waitlist/waitlist-offers.js'
import { leaveEntry, verifyEntry } from '../fixtures/entry-owner.js'
import type { HoldBody, Sales } from '../fixtures/sales.js'
import { command, pick, statusOf, times } from './model-run.js'
import type { ModelEntry, WaitlistModel } from './waitlist-model.js'

export interface RealWaitlist {
  sales: Sales
  eventId: string
  /** Of the event: whether free tickets are offered without a request. */
  isAutomatic: boolean
}

export type WaitlistCommand = AsyncCommand<WaitlistModel, RealWaitlist>

let addresses = 0
/** A new client address per call, since calls are limited per address. */
const ip = () => `10.6.${(addresses >> 8) & 255}.${addresses++ & 255}`

const join = (address: string, quantity: number): WaitlistCommand =>
  command(`join(${address}, ${quantity})`, async (model, real) => {
    const email = `${address}@example.com`
    const response = await real.sales.service.call<{ id: string; position: number; leaveToken: string }>(
      'POST',
      `/events/${real.eventId}/waitlist`,
      { body: { name: address, email, quantity }, ip: ip() },
    )
    expect(statusOf(response)).toBe('201')
    model.join(response.body, address.toLowerCase(), quantity)
    expect(model.view().at(-1)).toMatchObject({ position: response.body.position })
    await expectQueue(model, real)
  })

const verify = (index: number): WaitlistCommand =>
  ofEntry(`verify(${index})`, index, async (entry, _model, { sales }) => {
    entry.isVerified = true
    expect((await verifyEntry(sales.service, entry.id)).body).toMatchObject({ emailVerified: true })
  })

const move = (index: number, position: number): WaitlistCommand =>
  ofEntry(`move(${index}, ${position})`, index, async (entry, model, { sales, eventId }) => {
    const { token } = sales.operator
    const path = `/events/${eventId}/waitlist/${entry.id}`
    const response = await sales.service.call('PATCH', path, { token, body: { position } })
    expect(statusOf(response)).toBe(model.move(entry, position) ? '200' : '409 STATE_CONFLICT')
  })

const remove = (index: number): WaitlistCommand =>
  ofEntry(`remove(${index})`, index, async (entry, model, { sales, eventId }) => {
    model.leave(entry)
    const path = `/events/${eventId}/waitlist/${entry.id}`
    const response = await sales.service.call('DELETE', path, { token: sales.operator.token })
    expect(statusOf(response)).toBe(entry.state === 'CONFIRMED' ? '409 STATE_CONFLICT' : '204')
  })

const leave = (index: number, copies: number): WaitlistCommand =>
  ofEntry(`leave(${index}, ${copies} ×)`, index, async (entry, model, { sales }) => {
    model.leave(entry)
    const send = () => leaveEntry(sales.service, entry.id, entry.leaveToken)
    const responses = await Promise.all(times(copies, send))
    const expected = entry.state === 'CONFIRMED' ? '409 STATE_CONFLICT' : '204'
    expect(responses.map(statusOf)).toEqual(times(copies, () => expected))
  })

const offer = (index: number, copies: number): WaitlistCommand =>
  ofEntry(`offer(${index}, ${copies} ×)`, index, async (entry, model, { sales }) => {
    const { token } = sales.operator
    const send = () => sales.service.call<HoldBody>('POST', `/waitlist/${entry.id}/offer`, { token, body: {} })
    const responses = await Promise.all(times(copies, send))
    const isWaiting = entry.state === 'WAITING' && model.isReachable(entry)
    const isMade = isWaiting && model.stock.direct >= entry.quantity
    if (isMade) model.offer(entry)
    const refused = isWaiting && !isMade ? '409 SOLD_OUT' : '409 STATE_CONFLICT'
    const expected = times(copies, (n) => (isMade && n === 0 ? '201' : refused))
    expect(responses.map(statusOf).toSorted()).toEqual(expected)
  })

const offerAutomatically = (): WaitlistCommand =>
  command('offerAutomatically', async (model, real) => {
    const { sales, isAutomatic } = real
    // Concurrently, as two instances would.
    await Promise.all(times(2, () => sales.service.app.get(WaitlistOffers).offerAll()))
    model.offerAutomatically(isAutomatic)
    await expectQueue(model, real)
  })

const claim = (index: number, copies: number): WaitlistCommand =>
  ofEntry(`claim(${index}, ${copies} ×)`, index, async (entry, model, { sales }) => {
    const token = (await mailedToken(sales, entry)) ?? entry.leaveToken
    model.claim(entry)
    const send = () =>
      sales.service.call<HoldBody>('POST', `/waitlist/${entry.id}/claim`, { body: { token }, ip: ip() })
    const responses = await Promise.all(times(copies, send))
    const expected = entry.offer === null ? '404 NOT_FOUND' : CLAIM_STATUS[entry.offer.state]
    expect(responses.map(statusOf)).toEqual(times(copies, () => expected))
    const [first] = responses
    if (expected !== '200') return
    expect(first?.body).toMatchObject({ state: 'CONFIRMED', quantity: entry.quantity })
    expect(first?.body.tickets).toHaveLength(entry.quantity)
    for (const { body } of responses) expect(body).toEqual(first?.body)
  })

const CLAIM_STATUS = {
  HELD: '',
  CONFIRMED: '200',
  RELEASED: '409 STATE_CONFLICT',
  EXPIRED: '410 HOLD_EXPIRED',
} as const

/** Only the e-mail has it. */
async function mailedToken({ prisma }: Sales, { id }: ModelEntry): Promise<string | undefined> {
  const mail = await prisma.mail.findFirst({ where: { kind: 'OFFER', text: { contains: `entry=${id}` } } })
  return /&token=([\w-]+)/.exec(mail?.text ?? '')?.[1]
}

const hold = (quantity: number): WaitlistCommand =>
  command(`hold(${quantity})`, async (model, { sales, eventId }) => {
    const response = await sales.hold(eventId, { quantity })
    const isEnough = model.stock.direct >= quantity
    expect(statusOf(response)).toBe(isEnough ? '201' : '409 SOLD_OUT')
    if (!isEnough) return
    model.hold(quantity)
    model.holds.push({ id: response.body.id, quantity })
  })

const release = (): WaitlistCommand =>
  command(
    'release',
    async (model, { sales }) => {
      const held = model.holds.pop()
      if (!held) return
      expect((await sales.release(held.id)).status).toBe(204)
      model.stock.giveBack(held.quantity, 'DIRECT')
    },
    ({ holds }) => holds.length > 0,
  )

/** Every open offer is overdue: the end of its hold is set to now, since the sessions of staff end before it. */
const lapse = (withSweep: boolean): WaitlistCommand =>
  command(`lapse(${withSweep ? 'with' : 'without'} sweep)`, async (model, real) => {
    const { sales, eventId } = real
    const where = { eventId, accountId: null, state: 'HELD' } as const
    await sales.prisma.hold.updateMany({ where, data: { expiresAt: new Date(model.clock.now) } })
    for (const { offer } of model.entries) if (offer?.state === 'HELD') offer.expiresAt = model.clock.now
    if (!withSweep) return
    await sales.service.app.get(HoldExpiry).sweep()
    for (const entry of model.entries) model.expireIfOverdue(entry)
    await expectQueue(model, real)
  })

async function expectQueue(model: WaitlistModel, { sales, eventId }: RealWaitlist): Promise<void> {
  const path = `/events/${eventId}/waitlist?limit=100`
  const { body } = await sales.service.call<{ items: object[] }>('GET', path, { token: sales.operator.token })
  expect(body.items).toMatchObject(model.view())
}

function ofEntry(
  name: string,
  index: number,
  apply: (entry: ModelEntry, model: WaitlistModel, real: RealWaitlist) => Promise<void>,
): WaitlistCommand {
  const run = async (model: WaitlistModel, real: RealWaitlist) => {
    await apply(pick(model.entries, index), model, real)
    await expectQueue(model, real)
  }
  return command(name, run, ({ entries }) => entries.length > 0)
}

const index = fc.nat({ max: 5 })
const copies = fc.constantFrom(1, 1, 3)
const quantity = fc.integer({ min: 1, max: 3 })

/** Listed more often where they are needed to get anywhere. */
export const WAITLIST_COMMANDS: Arbitrary<WaitlistCommand>[] = [
  ...times(2, () => fc.tuple(fc.constantFrom('ana', 'Ana', 'ben', 'cem'), quantity).map((of) => join(...of))),
  ...times(2, () => index.map(verify)),
  fc.tuple(index, fc.integer({ min: 1, max: 4 })).map((of) => move(...of)),
  index.map(remove),
  fc.tuple(index, copies).map((of) => leave(...of)),
  fc.tuple(index, copies).map((of) => offer(...of)),
  ...times(2, () => fc.constant(null).map(offerAutomatically)),
  ...times(2, () => fc.tuple(index, copies).map((of) => claim(...of))),
  quantity.map(hold),
  ...times(2, () => fc.constant(null).map(release)),
  fc.boolean().map(lapse),
]
