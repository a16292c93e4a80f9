import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { Subscriptions } from '../../src/webhooks/subscriptions.js'
import { inStep, soldBy } from '../support/reconcile.js'
import { startTestSystem, until, WEBHOOK_TOKEN, type TestSystem } from '../support/test-system.js'

let system: TestSystem
let front: Server
let url: string
/** Empty until the service listens. */
let service = ''
/** 410 for all that comes, as a proxy in front of a service that is gone. */
let gone = false

/** The address that platforms are told, in front of the service. */
async function startFront(): Promise<void> {
  front = createServer((request, response) => {
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
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
}

const ensure = () => system.app.app.get(Subscriptions).ensureAll()
/** The service's own check may be at it, and have begun too early: then once more. */
const ensured = (check: () => void) =>
  until(async () => {
    await ensure()
    check()
  })
const eventbriteHooks = () => system.eventbrite.control.webhooks().filter((hook) => hook.url.startsWith(url))
const lumaHooks = () => [...system.luma.control.sim.store.webhooks.values()].filter((hook) => hook.url.startsWith(url))

beforeAll(async () => {
  await startFront()
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
  front.close()
})

describe('webhook subscriptions', () => {
  it('are made where they are missing and never twice, on Eventbrite for each live event', async () => {
    // The system has subscribed by its own address, which moved Luma's webhook there.
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

  it('for the whole account, made by an earlier release, give way to those for our events', async () => {
    system.eventbrite.control.addWebhook(`${url}/webhooks/eventbrite/${WEBHOOK_TOKEN}`)
    const others = system.eventbrite.control.addWebhook('http://127.0.0.1:9/theirs')
    await ensured(() => expect(eventbriteHooks().map(({ eventId }) => eventId)).not.toContain(null))
    expect(system.eventbrite.control.webhooks()).toContainEqual(others)
    system.eventbrite.control.removeWebhook(others.id)
  })

  it('end with their event', async () => {
    const listings = system.list()
    const id = await system.createEvent(300, listings)
    await until(() => expect(eventbriteHooks().some(({ eventId }) => eventId === listings.eventbrite)).toBe(true))
    await system.app.app.get(PrismaService).event.update({ where: { id }, data: { closedSince: new Date(0) } })
    await until(() => expect(eventbriteHooks().some(({ eventId }) => eventId === listings.eventbrite)).toBe(false))
  })

  it('tell any process how they stand', async () => {
    await ensure()
    const standing = await system.app.app.get(Subscriptions).standing()
    expect(standing).toMatchObject([
      { platform: 'EVENTBRITE', registered: true, reason: null, checkedAt: expect.any(String) },
      { platform: 'LUMA', registered: true, reason: null },
    ])
    const keys = { in: ['webhook-subscription:EVENTBRITE', 'webhook-subscription:LUMA'] }
    expect(await system.app.app.get(PrismaService).storedValue.count({ where: { key: keys } })).toBe(2)
  })

  it('that ended with a 410 are made again, and what was not told meanwhile is swept', async () => {
    const listings = system.list()
    const id = await system.createEvent(300, listings)
    await inStep(system, id)
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

  it('that were paused or changed are put right', async () => {
    const [hook] = lumaHooks()
    if (!hook) throw new Error('no hook')
    hook.status = 'paused'
    hook.eventTypes = ['event.updated']
    await ensured(() => expect(lumaHooks()).toMatchObject([{ id: hook.id, status: 'active' }]))
    expect(lumaHooks()[0]?.eventTypes).toEqual(expect.arrayContaining(['guest.registered', 'guest.updated']))
  })

  it('made anew sign with a new secret, which is believed and kept', async () => {
    const listings = system.list()
    const id = await system.createEvent(300, listings)
    await inStep(system, id)
    for (const [hookId] of system.luma.control.sim.store.webhooks) system.luma.control.sim.store.webhooks.delete(hookId)
    await ensured(() => expect(lumaHooks()).toHaveLength(1))
    const row = await system.app.app.get(PrismaService).storedValue.findUnique({ where: { key: 'luma-webhook-secret' } })
    expect(row?.value).toBe(lumaHooks()[0]?.secrets[0])
    system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 }))
  })

  it('are made where Luma tries the address first, signed with a secret that nobody knows yet', async () => {
    const { store } = system.luma.control.sim
    for (const [hookId] of store.webhooks) store.webhooks.delete(hookId)
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
