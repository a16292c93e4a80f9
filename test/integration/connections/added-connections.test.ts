import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectionCredentials } from '../../../src/connections/connection-credentials.js'
import { ConnectionStore } from '../../../src/connections/connection-store.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { Transactions } from '../../../src/infrastructure/transactions.js'
import { fingerprintOfAccount } from '../../../src/platforms/connection-adapters.js'
import { Outbound } from '../../../src/platforms/outbound.js'
import { Platforms } from '../../../src/platforms/platforms.js'
import { SECOND_TOKEN, startTwoAccounts, type TwoAccounts } from '../../support/fixtures/accounts.js'
import { EVENTBRITE_TOKEN, until, WEBHOOK_TOKEN } from '../../support/service/test-system.js'

const ENVIRONMENT = environmentConnectionId('EVENTBRITE')
const PATH_TOKEN = 'path-token-of-the-second-account'

let two: TwoAccounts

beforeAll(async () => {
  two = await startTwoAccounts({ instances: 2 })
})
afterAll(() => two?.close())

/** As another process adds a connection: only its row is known. */
async function store(credentials: Record<string, string>, webhookToken = PATH_TOKEN): Promise<string> {
  const { app } = two.system.app
  const id = newId('con')
  const encrypted = app.get(ConnectionCredentials).encrypt(id, { credentials, webhookToken })
  const fingerprint = fingerprintOfAccount(credentials)
  const row = { id, platform: 'EVENTBRITE', label: 'Second', fingerprint, credentials: encrypted } as const
  await app.get(ConnectionStore).create(null, row)
  return id
}

const connections = () => two.system.app.app.get(ConnectionStore)
const knownTo = (id: string) => two.system.apps.map(({ app }) => app.get(Platforms).find(id))

describe('An added connection', () => {
  it('is known to every process within 2 s, as are its new label and its removal', async () => {
    const id = await store({ token: SECOND_TOKEN })
    await until(() => expect(knownTo(id).map((known) => known?.adapter.configured)).toEqual([true, true]), 2_000)
    const before = knownTo(id).map((known) => known?.adapter)
    await connections().change(null, id, { label: 'Renamed' })
    await until(() => expect(knownTo(id).map((known) => known?.label)).toEqual(['Renamed', 'Renamed']), 2_000)
    // What its adapter knows about refused access is kept.
    expect(knownTo(id).map((known) => known?.adapter)).toEqual(before)
    const secrets = { credentials: { token: 'another-token' }, webhookToken: PATH_TOKEN }
    const encrypted = two.system.app.app.get(ConnectionCredentials).encrypt(id, secrets)
    await connections().change(null, id, { credentials: { encrypted, fingerprint: 'f' } })
    await until(() => expect(knownTo(id).every((known, index) => known?.adapter !== before[index])).toBe(true), 2_000)
    await remove(id)
    await until(() => expect(knownTo(id)).toEqual([null, null]), 2_000)
  })

  it('whose credentials cannot be read is known without them, and stops no other', async () => {
    const [bad, good] = [newId('con'), await store({ token: SECOND_TOKEN })]
    const row = {
      id: bad,
      platform: 'EVENTBRITE',
      label: 'Bad',
      fingerprint: 'f',
      credentials: Buffer.from('x'),
    } as const
    await connections().create(null, row)
    await until(() => expect(knownTo(bad)[0]?.adapter.configured).toBe(false), 2_000)
    await until(() => expect(knownTo(good)[0]?.adapter.configured).toBe(true), 2_000)
    await remove(bad)
    await remove(good)
  })

  it('shares the budget of its platform with connections to the same account only', async () => {
    const [same, other] = [await store({ token: EVENTBRITE_TOKEN }), await store({ token: SECOND_TOKEN })]
    const outbound = two.system.app.app.get(Outbound)
    const budgetOf = async (id: string) => (await outbound.status(id)).budget
    await until(() => expect(knownTo(other)[0]).not.toBeNull(), 2_000)
    expect(await budgetOf(same)).toBe(await budgetOf(ENVIRONMENT))
    expect((await budgetOf(other)).bucket).not.toBe((await budgetOf(ENVIRONMENT)).bucket)
    await remove(same)
    await remove(other)
  })
})

describe('An event with listings on two accounts', () => {
  it('is read and written with the token of each, and each delivery counts for its own connection only', async () => {
    const { system, first, second, front } = two
    const connectionId = await store({ token: SECOND_TOKEN })
    await until(() => expect(knownTo(connectionId).every((known) => known !== null)).toBe(true), 2_000)
    const listings = [first, second].map(({ control }) => control.createEvent({ capacityTotal: 1 }).id)
    const [mine = '', theirs = ''] = listings
    const body = {
      name: 'Two accounts',
      startsAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      capacity: 100,
      channels: [
        { platform: 'EVENTBRITE', connectionId: ENVIRONMENT, externalEventId: mine },
        { platform: 'EVENTBRITE', connectionId, externalEventId: theirs },
      ],
    }
    const create = (channels: object[]) =>
      system.app.call<{ id: string; channels: object[]; errors: object[] }>('POST', '/events', {
        token: system.token,
        body: { ...body, channels },
      })
    const refused = async (channel: object) => {
      const { status, body: problem } = await create([channel])
      expect(status).toBe(400)
      return problem.errors
    }
    const field = 'channels.0.connectionId'
    const named = (id?: string) => ({ platform: 'EVENTBRITE', externalEventId: mine, ...(id && { connectionId: id }) })
    expect(await refused(named())).toMatchObject([{ field }])
    expect(await refused(named('con_none'))).toMatchObject([{ field }])
    expect(await refused({ ...named(environmentConnectionId('LUMA')) })).toMatchObject([{ field }])
    const event = await create(body.channels)
    expect(event).toMatchObject({ status: 201, body: { channels: [{ connectionId: ENVIRONMENT }, { connectionId }] } })
    const stock = () => system.stock(event.body.id)
    await until(async () => {
      const channels = (await stock()).channels.slice(0, 2)
      expect(channels).toMatchObject([{ connectionId: ENVIRONMENT }, { connectionId }])
      for (const { confirmedCap } of channels) expect(confirmedCap).toBe(45)
    })
    expect(first.control.truth(mine).capacity).toBe(45)
    expect(second.control.truth(theirs).capacity).toBe(45)
    expect(front.seen).toContain(SECOND_TOKEN)

    // Each subscribes its own address.
    const addresses = (simulator: typeof second) => new Set(simulator.control.webhooks().map(({ url }) => url))
    await until(() =>
      expect(addresses(second)).toEqual(new Set([`${system.app.url}/webhooks/eventbrite/${PATH_TOKEN}`])),
    )
    expect([...addresses(first)].every((url) => url.endsWith(WEBHOOK_TOKEN))).toBe(true)
    await until(() => expect(second.control.webhooks()).toMatchObject([{ eventId: theirs }]))
    const sold = async () => (await stock()).channels.slice(0, 2).map((channel) => channel.sold)
    second.control.buy({ eventId: theirs, quantity: 2 })
    await until(async () => expect(await sold()).toEqual([0, 2]))
    await until(() => expect(first.control.webhooks().some(({ eventId }) => eventId === mine)).toBe(true))
    first.control.buy({ eventId: mine, quantity: 3 })
    await until(async () => expect(await sold()).toEqual([3, 2]))
  })

  it('refuses a delivery that is addressed to neither', async () => {
    expect((await two.deliver('neither', '1')).status).toBe(401)
    expect((await two.deliver(PATH_TOKEN, '1')).status).toBe(202)
  })
})

async function remove(id: string): Promise<void> {
  const { app } = two.system.app
  await app.get(Transactions).run((transaction) => connections().remove(transaction, id, new Date()))
}
