import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

    it('refuses others, and records no read and no refused change', async () => {
      const before = (await audited()).length
      expect((await change(PAUSE, sales.operator.token)).status).toBe(403)
      expect((await sales.service.call('GET', '//admin/queues', { token: sales.admin.token })).status).toBe(200)
      expect((await audited()).length).toBe(before)
    })
  })
})
