import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { QUEUES } from '../../src/infrastructure/queues/queue-names.js'
import { Sales } from '../support/fixtures/sales.js'

let sales: Sales

afterAll(() => sales?.stop())

const PAUSE = '//admin/queues/api/queues/caps-protect/pause'
const RESUME = '//admin/queues/api/queues/caps-protect/resume'

const change = (path: string, token = sales.admin.token) => sales.service.call('PUT', path, { token })
const audited = () =>
  sales.prisma.auditEntry.findMany({ where: { action: 'queue-browser.change' }, orderBy: { id: 'asc' } })

async function isPaused(): Promise<boolean> {
  const { body } = await sales.service.call<{ queues: { name: string; isPaused: boolean }[] }>(
    'GET',
    '//admin/queues/api/queues',
    { token: sales.admin.token },
  )
  return body.queues.some(({ name, isPaused: paused }) => name === 'caps-protect' && paused)
}

const BODY = Buffer.from('{"data":{"user_email":"jane@example.com"}}').toString('base64')

/** Jobs with a delivery of Jane that are not due yet; the paths at which the browser shows each, and its queue. */
async function addDeliveries(): Promise<string[]> {
  const delivery = { platform: 'LUMA', deliveryId: 'd1', headers: {}, body: BODY, receivedAt: '', correlationId: 'c' }
  const buyer = { name: 'Jane Doe', email: 'jane@example.com' }
  const order = { kind: 'order', orderId: 'gst-1', payloadSnapshot: { orderId: 'gst-1', buyer }, delivery }
  const paths: string[] = []
  for (const [name, data] of [
    [QUEUES.deliveries, delivery],
    [QUEUES.reads, order],
  ] as const) {
    const queue = sales.service.app.get<Queue>(getQueueToken(name), { strict: false })
    const { id } = await queue.add('shown', data, { delay: 3_600_000 })
    paths.push(`//admin/queues/api/queues/${name}/${id}`)
  }
  return paths
}

describe('The queue browser', () => {
  describe('without QUEUE_BROWSER_WRITES', () => {
    beforeAll(async () => {
      sales = await Sales.start()
    })

    it('changes nothing, whatever the method and the path', async () => {
      for (const method of ['PUT', 'POST', 'PATCH', 'DELETE'] as const) {
        for (const path of [PAUSE, '//admin/queues/api/queues/deliveries/add', '//admin/queues/api/queues/pause']) {
          const refused = await sales.service.call(method, path, {
            token: sales.admin.token,
            body: { name: 'a', data: {} },
          })
          expect(refused, `${method} ${path}`).toMatchObject(
            refused.status === 404 ? { body: { code: 'NOT_FOUND' } } : { status: 403, body: { code: 'FORBIDDEN' } },
          )
        }
      }
      expect((await change(PAUSE)).status).toBe(403)
      expect(await isPaused()).toBe(false)
      expect(await audited()).toEqual([])
    })

    it('shows jobs without the bodies of deliveries and without buyers', async () => {
      for (const path of await addDeliveries()) {
        const queue = path.split('/').at(-2)
        for (const shown of [path, `//admin/queues/api/queues?activeQueue=${queue}&status=delayed`]) {
          const { status, body } = await sales.service.call('GET', shown, { token: sales.admin.token })
          const text = JSON.stringify(body)
          expect([status, text]).toEqual([200, expect.stringContaining('"deliveryId":"d1"')])
          expect(text).toContain('"body":"[masked]"')
          expect(text).not.toMatch(/Jane|jane/)
          expect(text).not.toContain(BODY)
        }
      }
    })
  })

  describe('with QUEUE_BROWSER_WRITES=on', () => {
    beforeAll(async () => {
      await sales.stop()
      sales = await Sales.start({ env: { QUEUE_BROWSER_WRITES: 'on' } })
    })

    it('records who changed what', async () => {
      expect((await change(PAUSE)).status).toBe(200)
      expect(await isPaused()).toBe(true)
      expect((await change(RESUME)).status).toBe(200)
      expect(await audited()).toMatchObject([
        { actorId: sales.admin.id, subject: PAUSE.slice(1), after: { method: 'PUT' } },
        { actorId: sales.admin.id, subject: RESUME.slice(1), after: { method: 'PUT' } },
      ])
    })

    it('changes and copies no job that it shows incompletely', async () => {
      const before = (await audited()).length
      for (const path of await addDeliveries()) {
        const body = { jobData: { body: '[masked]' }, name: 'copy', data: { body: '[masked]' }, options: {} }
        const { token } = sales.admin
        const name = path.split('/').at(-2) ?? ''
        const encoded = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`
        for (const [method, target] of [
          ['PATCH', `${path}/update-data`],
          ['POST', `//admin/queues/api/queues/${name}/add`],
          ['POST', `//admin/queues/api/queues/${encoded}/add`],
        ] as const) {
          const refused = await sales.service.call(method, target, { token, body })
          expect(refused, target).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
        }
      }
      expect((await audited()).length).toBe(before)
      // The data of other jobs is complete.
      const mail = { name: 'send', data: { mailId: 'mail_none' }, options: { delay: 3_600_000 } }
      const path = '//admin/queues/api/queues/mails/add'
      expect((await sales.service.call('POST', path, { token: sales.admin.token, body: mail })).status).toBe(200)
    })

    it('refuses others, and records no read and no refused change', async () => {
      const before = (await audited()).length
      expect((await change(PAUSE, sales.operator.token)).status).toBe(403)
      expect((await sales.service.call('GET', '//admin/queues', { token: sales.admin.token })).status).toBe(200)
      expect((await audited()).length).toBe(before)
    })
  })
})
