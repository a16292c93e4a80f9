import fc, { type Arbitrary, type AsyncCommand } from 'fast-check'
import { expect } from 'vitest'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { BUYER, type Person, type Sales } from '../fixtures/sales.js'
import { type HoldContent, type HoldsModel, type ModelHold, type Owner } from './hold-model.js'
import { command, pick, statusOf, times } from './model-run.js'

/** The service under test, with the people of a run. */
export interface RealHolds {
  sales: Sales
  eventId: string
  people: Record<Owner | 'stranger', Person>
}

export type HoldCommand = AsyncCommand<HoldsModel, RealHolds>

interface CreateRequest extends HoldContent {
  owner: Owner
  key: string | null
}

interface OfHold {
  /** Which of the holds. */
  hold: number
  /** Requests at the same time. */
  copies: number
}

function create({ owner, key, ...content }: CreateRequest, copies: number): HoldCommand {
  const { quantity, source, ttlSeconds } = content
  const name = `create(${copies} × ${quantity} from ${source} by ${owner}, ${ttlSeconds} s, key ${key})`
  return command(name, async (model, { sales, eventId, people }) => {
    const outcome = model.outcomeOf(owner, content, key)
    const options = { by: people[owner], ...(key === null ? {} : { key }) }
    const responses = await Promise.all(times(copies, () => sales.hold(eventId, content, options)))
    const statuses = responses.map(statusOf).toSorted()
    if (outcome.kind === 'REFUSED') {
      for (const status of statuses) expect(outcome.problems).toContain(status)
      return
    }
    const first = outcome.kind === 'CREATED' ? '201' : '200'
    expect(statuses).toEqual([...times(copies - 1, () => '200'), first])
    const id = responses[0]?.body.id ?? ''
    const hold = outcome.kind === 'CREATED' ? model.create(owner, content, key, id) : outcome.hold
    for (const { body } of responses) expect(body).toMatchObject(model.view(hold))
  })
}

function confirm({ hold: index, copies }: OfHold): HoldCommand {
  return ofHold(`confirm(${index}, ${copies} ×)`, index, async (hold, model, { sales, people }) => {
    model.confirm(hold)
    const responses = await Promise.all(times(copies, () => sales.confirm(hold.id, { by: people[hold.owner] })))
    const expected = { HELD: '', CONFIRMED: '200', RELEASED: '409 STATE_CONFLICT', EXPIRED: '410 HOLD_EXPIRED' }
    expect(responses.map(statusOf)).toEqual(times(copies, () => expected[hold.state]))
    if (hold.state !== 'CONFIRMED') return
    for (const { body } of responses) {
      hold.tickets ??= body.tickets ?? []
      expect(hold.tickets).toHaveLength(hold.quantity)
      expect(body).toMatchObject({ ...model.view(hold), tickets: hold.tickets })
    }
  })
}

function release({ hold: index, copies }: OfHold, byStaff: boolean): HoldCommand {
  const name = `release(${index}, ${copies} ×${byStaff ? ', by staff' : ''})`
  return ofHold(name, index, async (hold, model, { sales, people }) => {
    model.release(hold)
    const by = people[byStaff ? 'operator' : hold.owner]
    const responses = await Promise.all(times(copies, () => sales.release(hold.id, { by })))
    const expected = hold.state === 'CONFIRMED' ? '409 STATE_CONFLICT' : '204'
    expect(responses.map(statusOf)).toEqual(times(copies, () => expected))
  })
}

function requestOfOthers(index: number): HoldCommand {
  return ofHold(
    `requestOfOthers(${index})`,
    index,
    async (hold, _model, { sales, people: { stranger: by, operator } }) => {
      const others = [sales.confirm(hold.id, { by }), sales.release(hold.id, { by }), sales.get(hold.id, by)]
      expect((await Promise.all(others)).map(statusOf)).toEqual(times(3, () => '404 NOT_FOUND'))
      if (hold.owner !== 'operator') {
        expect(statusOf(await sales.confirm(hold.id, { by: operator }))).toBe('403 FORBIDDEN')
      }
    },
  )
}

function read(index: number): HoldCommand {
  return ofHold(`read(${index})`, index, async (hold, model, { sales, people }) => {
    model.expireIfOverdue(hold)
    expect((await sales.get(hold.id, people[hold.owner])).body).toMatchObject(model.view(hold))
  })
}

const advance = (seconds: number): HoldCommand =>
  command(`advance(${seconds} s)`, async ({ clock }) => clock.advance(seconds * 1_000))

const sweep = (): HoldCommand =>
  command('sweep', async (model, { sales }) => {
    await sales.service.app.get(HoldExpiry).sweep()
    for (const hold of model.holds) model.expireIfOverdue(hold)
  })

const resize = (capacity: number): HoldCommand =>
  command(`resize(${capacity})`, async ({ stock }, { sales, eventId }) => {
    const path = `/events/${eventId}`
    const body = { capacity }
    const response = await sales.service.call('PATCH', path, { token: sales.operator.token, body })
    const isTooSmall = capacity < stock.taken
    expect(statusOf(response)).toBe(isTooSmall ? '409 STATE_CONFLICT' : '200')
    if (isTooSmall) return
    stock.resize(capacity)
    expect(response.body).toMatchObject({ capacity, targetCapacity: capacity })
  })

const sellSafety = (quantity: number): HoldCommand =>
  command(`sellSafety(${quantity})`, async ({ stock }, { sales, eventId }) => {
    const path = `/events/${eventId}/safety-stock/sales`
    const body = { quantity, buyer: BUYER, reason: 'guests' }
    const response = await sales.service.call('POST', path, { token: sales.operator.token, body })
    const isEnough = stock.safety >= quantity
    expect(statusOf(response)).toBe(isEnough ? '201' : '409 SOLD_OUT')
    if (isEnough) stock.sell(quantity, 'SAFETY_STOCK')
  })

function ofHold(
  name: string,
  index: number,
  apply: (hold: ModelHold, model: HoldsModel, real: RealHolds) => Promise<void>,
): HoldCommand {
  const isPossible = ({ holds }: Readonly<HoldsModel>) => holds.length > 0
  return command(name, (model, real) => apply(pick(model.holds, index), model, real), isPossible)
}

const copies = fc.constantFrom(1, 1, 2, 3)
const index = fc.nat({ max: 7 })
const request = fc.record<HoldContent & { owner: Owner }>({
  owner: fc.constantFrom('ana', 'ben', 'operator'),
  source: fc.constantFrom('DIRECT', 'DIRECT', 'SAFETY_STOCK'),
  quantity: fc.integer({ min: 1, max: 5 }),
  ttlSeconds: fc.constantFrom(60, 300),
})
// Few contents per key, so that a key is often repeated with the same one.
const keyedRequest = fc.record<HoldContent & { owner: Owner }>({
  owner: fc.constantFrom('ana', 'ben'),
  source: fc.constant('DIRECT'),
  quantity: fc.integer({ min: 2, max: 3 }),
  ttlSeconds: fc.constant(60),
})
const ofOne = fc.record({ hold: index, copies })

/** Listed more often where they are needed to get anywhere. */
export const HOLD_COMMANDS: Arbitrary<HoldCommand>[] = [
  ...times(3, () => request.map((content) => create({ ...content, key: null }, 1))),
  ...times(2, () =>
    fc.tuple(keyedRequest, fc.constantFrom('k1', 'k2'), copies).map(([of, key, n]) => create({ ...of, key }, n)),
  ),
  ...times(2, () => ofOne.map(confirm)),
  fc.tuple(ofOne, fc.boolean()).map(([of, byStaff]) => release(of, byStaff)),
  index.map(requestOfOthers),
  index.map(read),
  ...times(2, () => fc.constantFrom(30, 61).map(advance)),
  ...times(2, () => fc.constant(null).map(sweep)),
  fc.integer({ min: 1, max: 30 }).map(resize),
  fc.integer({ min: 1, max: 3 }).map(sellSafety),
]

const fromSafety = (): HoldCommand =>
  create({ owner: 'operator', source: 'SAFETY_STOCK', quantity: 2, ttlSeconds: 60, key: null }, 1)

/** The safety stock is small: random sequences often sell it before a hold of it ends. */
export const HOLD_OPENINGS: readonly (readonly HoldCommand[])[] = [
  [fromSafety(), release({ hold: 0, copies: 2 }, false)],
  [fromSafety(), advance(61), sweep()],
]
