import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONTEXT, failureOf, LUMA_SECRET, lumaStage, valueOf, type LumaStage } from '../../../test/support/luma.js'
import type { Delivery } from '../port.js'
import { WEBHOOK_EVENT_TYPES } from './constants.js'

let stage: LumaStage
let receiver: Server
let url: string
const deliveries: Delivery[] = []

beforeEach(async () => {
  deliveries.length = 0
  stage = await lumaStage({ sender: { retryDelaysMs: [20, 20, 20] } })
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
      deliveries.push({
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: Buffer.concat(chunks),
        pathToken: null,
      })
      response.writeHead(202).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks/luma`
})
afterEach(async () => {
  await stage.close()
  await new Promise((resolve) => receiver.close(resolve))
})

const ensure = async () => valueOf(await stage.adapter.ensureWebhookSubscription(url, CONTEXT))
const webhooks = () => [...stage.simulator.control.sim.store.webhooks.values()]

async function delivered(count: number): Promise<Delivery[]> {
  await expect.poll(() => deliveries.length, { timeout: 3_000 }).toBe(count)
  return deliveries
}

describe('the subscription', () => {
  it('is created once, with its secret, and then found', async () => {
    const first = await ensure()
    expect(first).toMatchObject({ created: true, secret: LUMA_SECRET })
    expect(await ensure()).toEqual({ ...first, created: false })
    expect(webhooks()).toMatchObject([{ url, status: 'active', eventTypes: [...WEBHOOK_EVENT_TYPES] }])
  })

  it('is looked for without making one; a paused one does not count', async () => {
    const subscribed = async () => valueOf(await stage.adapter.checkAccess(url, CONTEXT)).subscribed
    expect(await subscribed()).toBe(false)
    expect(webhooks()).toEqual([])
    await ensure()
    expect(await subscribed()).toBe(true)
    Object.assign(webhooks()[0] ?? {}, { status: 'paused' })
    expect(await subscribed()).toBe(false)
    expect(valueOf(await stage.adapter.checkAccess(null, CONTEXT)).subscribed).toBeNull()
  })

  it('is woken when paused, completed when types are missing, and left alone when it has them all', async () => {
    await ensure()
    const [webhook] = webhooks()
    Object.assign(webhook ?? {}, { status: 'paused', eventTypes: ['guest.updated'] })
    expect((await ensure()).created).toBe(false)
    expect(webhooks()).toMatchObject([{ status: 'active', eventTypes: [...WEBHOOK_EVENT_TYPES] }])
    Object.assign(webhook ?? {}, { eventTypes: ['*'] })
    await ensure()
    expect(webhooks()).toMatchObject([{ eventTypes: ['*'] }])
  })

  it('replaces one of ours that points elsewhere, drops doubles, and leaves those of others', async () => {
    const base = { eventTypes: ['*'], status: 'active' as const, createdAt: 0, failuresInARow: 0 }
    const { store } = stage.simulator.control.sim
    for (const [id, address, secret] of [
      ['wh-old', 'http://127.0.0.1:9/webhooks/luma', LUMA_SECRET],
      ['wh-same-secret', 'http://127.0.0.1:9/other', LUMA_SECRET],
      ['wh-other', 'http://127.0.0.1:9/other', 'whsec_other'],
      ['wh-one', url, 'whsec_one'],
      ['wh-two', url, 'whsec_two'],
    ] as const) {
      store.webhooks.set(id, { ...base, id, url: address, secrets: [secret] })
    }
    await ensure()
    expect([...store.webhooks.keys()]).toEqual(['wh-same-secret', 'wh-other', 'wh-one'])
  })

  it.each([
    [202, true],
    [401, false],
  ])('is pinged first where Luma does that; the receiver answers %i', async (status, made) => {
    stage.simulator.toggles.patch({ pingOnCreate: 'yes' })
    if (status === 401)
      receiver.removeAllListeners('request').on('request', (_request, response) => response.writeHead(401).end())
    const outcome = await stage.adapter.ensureWebhookSubscription(url, CONTEXT)
    if (made) expect(valueOf(outcome).created).toBe(true)
    else expect(failureOf(outcome)).toMatchObject({ kind: 'REJECTED', code: 'BAD_REQUEST' })
    expect(webhooks()).toHaveLength(made ? 1 : 0)
  })
})

describe('deliveries of the simulated platform', () => {
  it.each(['luma', 'standard-webhooks'] as const)(
    'are authentic and understood in %s style',
    async (signatureStyle) => {
      stage.simulator.toggles.patch({ signatureStyle })
      const { id } = await ensure()
      // The standard wants a secret in base64, which the configured one is not: the next is, and is read from the list.
      if (signatureStyle === 'standard-webhooks') stage.simulator.control.changeSecret(id, false)
      await ensure()
      const { truth } = stage.listed()
      const [guest] = stage.sell(truth.eventId, 2)
      for (const delivery of await delivered(4)) {
        expect(stage.adapter.authenticate(delivery, new Date())).toBe('AUTHENTIC')
        expect(stage.adapter.authenticate(delivery, new Date(Date.now() + 302_000))).toBe('FORGED')
        expect(stage.adapter.authenticate({ ...delivery, body: Buffer.from('{}') }, new Date())).toBe('FORGED')
        const hints = stage.adapter.parseDelivery(delivery.body)
        expect(hints).toMatchObject([{ kind: 'ORDER', orderId: guest, externalEventId: truth.eventId }])
        expect(hints?.[0]).toHaveProperty('snapshot.tickets.length', 2)
      }
    },
  )

  it('are authentic with the old and with the new secret while rotating, then with the new one only', async () => {
    const { id } = await ensure()
    const { control } = stage.simulator
    const { truth } = stage.listed()
    control.changeSecret(id, true, 'whsec_the_next_one_987654')
    control.register({ eventId: truth.eventId, email: 'a@example.com' })
    for (const delivery of await delivered(3)) {
      expect(stage.adapter.authenticate(delivery, new Date())).toBe('AUTHENTIC')
    }
    control.changeSecret(id, false, 'whsec_the_next_one_987654')
    control.register({ eventId: truth.eventId, email: 'b@example.com' })
    const [, , , ...later] = await delivered(6)
    expect(later.map((delivery) => stage.adapter.authenticate(delivery, new Date()))).toEqual(Array(3).fill('FORGED'))
    await ensure()
    expect(later.map((delivery) => stage.adapter.authenticate(delivery, new Date()))).toEqual(
      Array(3).fill('AUTHENTIC'),
    )
  })

  it.each([
    ['unsigned', { signatureStyle: 'none' as const }, {}],
    ['stale by a wrong clock', {}, { clockSkewMs: -301_000 }],
  ])('are refused %s', async (_name, toggles, knobs) => {
    await ensure()
    stage.simulator.toggles.patch(toggles)
    stage.simulator.knobs.patch(knobs)
    const { truth } = stage.listed()
    stage.sell(truth.eventId, 1)
    for (const delivery of await delivered(3)) expect(stage.adapter.authenticate(delivery, new Date())).toBe('FORGED')
  })

  it('tell of a cancelled event', async () => {
    await ensure()
    const { truth } = stage.listed()
    stage.simulator.control.cancelEvent(truth.eventId)
    const [delivery] = await delivered(1)
    expect(stage.adapter.parseDelivery(delivery?.body ?? Buffer.alloc(0))).toEqual([
      { kind: 'EVENT', externalEventId: truth.eventId, about: 'LISTING' },
    ])
  })
})
