import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EncryptedSecrets } from '../../../src/infrastructure/encryption/encrypted-secrets.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { Subscriptions } from '../../../src/inbound/subscriptions/subscriptions.js'
import { untilInSync, soldBy } from '../../support/fixtures/reconcile.js'
import { startTestSystem, until, WEBHOOK_TOKEN, type TestSystem } from '../../support/service/test-system.js'
import type { Platform } from '../../../src/domain/channel.js'
import { secretKey, subscriptionKey } from '../../../src/inbound/subscriptions/stored-keys.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

let system: TestSystem
let proxy: Server
let url: string
/** Empty until the service listens. */
let service = ''
/** The proxy responds with 410 to all requests, as if the service had been removed. */
let gone = false

/** Starts a proxy in front of the service; its address is the public one. */
async function startProxy(): Promise<void> {
  proxy = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (gone || service === '') return void response.writeHead(gone ? 410 : 503).end()
      const { host: _host, 'content-length': _length, connection: _connection, ...headers } = request.headers
      const target = `${service}${request.url ?? ''}`
      fetch(target, { method: 'POST', headers: headers as Record<string, string>, body: Buffer.concat(chunks) })
        .then(({ status }) => response.writeHead(status).end())
        .catch(() => response.writeHead(502).end())
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

const ensure = () => system.app.app.get(Subscriptions).ensureAll()
/** Retries: the service's own check may be running, and may have started too early. */
const ensured = (check: () => void) =>
  until(async () => {
    await ensure()
    check()
  })
const eventbriteHooks = () => system.eventbrite.control.webhooks().filter((hook) => hook.url.startsWith(url))
const lumaHooks = () =>
  [...system.luma.control.context.state.webhooks.values()].filter((hook) => hook.url.startsWith(url))

beforeAll(async () => {
  await startProxy()
  system = await startTestSystem({
    env: {
      PUBLIC_URL: url,
      SWEEP_INTERVAL_SECONDS: '3600',
      MEETUP_POLL_SECONDS: '3600',
      REBALANCE_INTERVAL_SECONDS: '3600',
    },
  })
  service = system.app.url
})
afterAll(async () => {
  await system.close()
  proxy.close()
})

describe('Webhook subscriptions', () => {
  it('are created once where they are missing, on Eventbrite for each live event', async () => {
    // The test system has subscribed with the service's own address, which moved Luma's webhook there.
    await ensured(() => expect([eventbriteHooks().length, lumaHooks().length]).toEqual([0, 1]))
    const [first, second] = [system.list(), system.list()]
    await Promise.all([system.createEvent(300, first), system.createEvent(300, second)])
    // Without waiting for the next check.
    const scopes = () => eventbriteHooks().map(({ eventId }) => eventId)
    await until(() => expect(new Set(scopes())).toEqual(new Set([first.eventbrite, second.eventbrite])))
    expect(scopes()).toHaveLength(2)
    expect(eventbriteHooks()[0]?.url).toBe(`${url}/webhooks/eventbrite/${WEBHOOK_TOKEN}`)
    expect(lumaHooks()[0]).toMatchObject({ url: `${url}/webhooks/luma`, status: 'active' })
    const ids = [...eventbriteHooks(), ...lumaHooks()].map(({ id }) => id)
    await Promise.all([ensure(), ensure()])
    await ensure()
    expect([...eventbriteHooks(), ...lumaHooks()].map(({ id }) => id)).toEqual(ids)
  })

  it('are created for our events in place of account-wide ones of an earlier release', async () => {
    system.eventbrite.control.addWebhook(`${url}/webhooks/eventbrite/${WEBHOOK_TOKEN}`)
    const others = system.eventbrite.control.addWebhook('http://127.0.0.1:9/theirs')
    await ensured(() => expect(eventbriteHooks().map(({ eventId }) => eventId)).not.toContain(null))
    expect(system.eventbrite.control.webhooks()).toContainEqual(others)
    system.eventbrite.control.removeWebhook(others.id)
  })

  it('are removed when their event ends', async () => {
    const listings = system.list()
    const id = await system.createEvent(300, listings)
    await until(() => expect(eventbriteHooks().some(({ eventId }) => eventId === listings.eventbrite)).toBe(true))
    await system.app.app.get(PrismaService).event.update({ where: { id }, data: { closedSince: new Date(0) } })
    await until(() => expect(eventbriteHooks().some(({ eventId }) => eventId === listings.eventbrite)).toBe(false))
  })

  it('have a status that any process can read', async () => {
    await ensure()
    const status = await system.app.app.get(Subscriptions).status()
    expect(status).toMatchObject([
      {
        connectionId: environmentConnectionId('EVENTBRITE'),
        registered: true,
        reason: null,
        checkedAt: expect.any(String),
      },
      { connectionId: environmentConnectionId('LUMA'), registered: true, reason: null },
    ])
    const keys = {
      in: ['EVENTBRITE', 'LUMA'].map((platform) => subscriptionKey(environmentConnectionId(platform as Platform))),
    }
    expect(await system.app.app.get(PrismaService).storedValue.count({ where: { key: keys } })).toBe(2)
  })

  it('are created again after they ended with a 410, and missed sales are swept', async () => {
    const listings = system.list()
    const id = await system.createEvent(300, listings)
    await untilInSync(system, id)
    for (const { id: other } of system.eventbrite.control.webhooks()) {
      if (!eventbriteHooks().some((hook) => hook.id === other)) system.eventbrite.control.removeWebhook(other)
    }
    gone = true
    const sale = system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 })
    expect(sale.reason).toBeNull()
    const scopes = () => eventbriteHooks().map(({ eventId }) => eventId)
    await until(() => expect(scopes()).not.toContain(listings.eventbrite))
    gone = false
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 0 })
    await until(async () => {
      const sweep = await system.app.app.get(PrismaService).channelSweep.count({ where: { channel: { eventId: id } } })
      expect(sweep).toBe(3)
    })
    await ensured(() => expect(scopes()).toContain(listings.eventbrite))
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 2 }))
  })

  it('are restored after they were paused or changed', async () => {
    const [hook] = lumaHooks()
    if (!hook) throw new Error('no hook')
    hook.status = 'paused'
    hook.eventTypes = ['event.updated']
    await ensured(() => expect(lumaHooks()).toMatchObject([{ id: hook.id, status: 'active' }]))
    expect(lumaHooks()[0]?.eventTypes).toEqual(expect.arrayContaining(['guest.registered', 'guest.updated']))
  })

  it('have a new secret after they are created again, which is trusted and stored', async () => {
    const listings = system.list()
    const id = await system.createEvent(300, listings)
    await untilInSync(system, id)
    for (const [hookId] of system.luma.control.context.state.webhooks)
      system.luma.control.context.state.webhooks.delete(hookId)
    await ensured(() => expect(lumaHooks()).toHaveLength(1))
    const row = await system.app.app
      .get(PrismaService)
      .storedValue.findUnique({ where: { key: secretKey(environmentConnectionId('LUMA')) } })
    const secret = lumaHooks()[0]?.secrets[0] ?? ''
    expect(row?.value).toMatchObject({ encrypted: expect.any(String) })
    expect(JSON.stringify(row?.value)).not.toContain(secret)
    const key = secretKey(environmentConnectionId('LUMA'))
    expect(await system.app.app.get(EncryptedSecrets).open({ key, value: row?.value })).toBe(secret)
    system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 }))
  })

  it('are created when Luma first sends a ping that is signed with a secret not known yet', async () => {
    const { state } = system.luma.control.context
    for (const [hookId] of state.webhooks) state.webhooks.delete(hookId)
    system.luma.toggles.patch({ pingOnCreate: 'yes' })
    await ensured(() => expect(lumaHooks()).toHaveLength(1))
    const forged = async (body: object) => {
      const headers = {
        'content-type': 'application/json',
        'webhook-signature': `t=${Math.floor(Date.now() / 1_000)},v1=00`,
      }
      return (await fetch(`${service}/webhooks/luma`, { method: 'POST', headers, body: JSON.stringify(body) })).status
    }
    expect(await forged({ type: 'webhook.ping', data: {} })).toBe(202)
    expect(await forged({ type: 'guest.updated', data: { id: 'gst-1', ping: true } })).toBe(401)
  })
})
