import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DemoService } from '../../src/demo/demo.service.js'
import { loadConfig } from '../../src/infrastructure/config/load-config.js'
import { newId } from '../../src/infrastructure/ids.js'
import { Sales } from '../support/fixtures/sales.js'

let sales: Sales
let dataDir: string

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'traffic-police-demo-'))
  sales = await Sales.start({ env: { DEMO: 'on', DATA_DIR: dataDir } })
})

afterAll(async () => {
  await sales?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

interface Demo {
  state: string
  items: { id: string; demo: boolean }[]
}

const call = (method: 'GET' | 'DELETE', path: string, { token } = sales.admin) =>
  sales.service.call<Demo>(method, path, { token })
const listed = async () => (await call('GET', '/events?limit=100')).body.items.map(({ id }) => id)

it('is removed by an admin, on record, and no other event is touched', async () => {
  const demo = sales.service.app.get(DemoService)
  const listing = () => ({ eventbrite: newId('eb'), luma: newId('lu'), meetup: newId('mu') })
  const running = await demo.createEvent(listing())
  const real = await sales.event({ name: DemoService.eventName, venue: 'The Old Mill', timezone: 'Europe/Berlin' })
  expect(loadConfig({ DATA_DIR: dataDir }).demo).toBe(true)
  expect((await call('GET', '/demo', await sales.staff('VIEWER'))).body).toEqual({ state: 'RUNNING' })
  expect((await call('GET', `/events/${running.id}`)).body).toMatchObject({ state: 'ON_SALE', demo: true })

  expect((await call('DELETE', '/demo', sales.operator)).status).toBe(403)
  expect(await listed()).toContain(running.id)
  expect((await call('DELETE', '/demo')).status).toBe(204)
  expect((await call('DELETE', '/demo')).status).toBe(204)

  expect((await call('GET', '/demo')).body).toEqual({ state: 'REMOVED' })
  expect(await listed()).toEqual([real])
  expect((await call('GET', `/events/${running.id}`)).body).toMatchObject({ state: 'CLOSED', demo: true })
  expect((await call('GET', `/events/${real}`)).body).toMatchObject({ state: 'ON_SALE', demo: false })
  const audited = await sales.prisma.auditEntry.findMany({
    where: { action: { in: ['event.close', 'demo.remove'] } },
    orderBy: { id: 'asc' },
  })
  expect(audited.map(({ actorId, action, subject }) => [actorId, action, subject])).toEqual([
    [sales.admin.id, 'event.close', running.id],
    [sales.admin.id, 'demo.remove', 'demo'],
  ])

  // The events of earlier runs that a start closes are those of the demo too.
  await demo.closeEarlierEvents()
  expect((await call('GET', `/events/${real}`)).body).toMatchObject({ state: 'ON_SALE' })
  // The next start has no demo unless `DEMO=on` is set.
  expect(loadConfig({ DATA_DIR: dataDir })).toMatchObject({ demo: false, payments: 'none' })
  expect(loadConfig({ DATA_DIR: dataDir, DEMO: 'on' }).demo).toBe(true)
  await demo.createEvent(listing())
  expect((await call('GET', '/demo')).body).toEqual({ state: 'RUNNING' })
})
