import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addManualConnection } from '../../support/fixtures/manual-connection.js'
import { startWatchedTestSystem } from '../../support/service/outage.js'
import { until, type TestSystem } from '../../support/service/test-system.js'

interface ShownChannel {
  id: string
  platform: string
  task: { cap: number } | null
}

let system: TestSystem
beforeAll(async () => {
  system = await startWatchedTestSystem()
  await addManualConnection(system.apps)
})
afterAll(() => system?.close())

const call = <T = { id: string; channels: ShownChannel[] }>(method: 'GET' | 'POST', path: string, body?: object) =>
  system.app.call<T>(method, path, { token: system.token, ...(body ? { body } : {}) })

/** A list with a cap of 50, of which 6 are sold. */
async function listOnSale() {
  const channels = [
    { platform: 'LUMA', externalEventId: system.list().luma },
    { platform: 'MANUAL', externalEventId: `a list at ${performance.now()}` },
  ]
  const event = { name: 'Quiz', startsAt: '2031-01-01T18:00:00Z', capacity: 100, softCapRatio: 1, safetyStockRatio: 0 }
  const { id, channels: created } = (await call('POST', '/events', { ...event, channels })).body
  const list = created.find(({ platform }) => platform === 'MANUAL')?.id ?? ''
  const confirm = async (cap: number, sold: number) =>
    expect((await call('POST', `/events/${id}/channels/${list}/confirm`, { cap, sold })).status).toBe(200)
  const inStock = async () => (await system.stock(id)).channels.find((one) => one.id === list)
  const shown = async () => (await call('GET', `/events/${id}`)).body.channels.find((one) => one.id === list)
  const requested = (cap: number) => until(async () => expect((await shown())?.task).toMatchObject({ cap }))
  await requested(50)
  await confirm(50, 6)
  return { id, confirm, inStock, shown, requested }
}

async function switchMode(mode: 'FAIL_SAFE' | 'NORMAL'): Promise<void> {
  expect((await call('POST', '/system/mode', { mode, reason: 'a drill' })).status).toBe(200)
  const current = async () => (await call<{ mode: string }>('GET', '/system/mode')).body.mode
  await until(async () => expect(await current()).toBe(mode), 30_000)
}

describe('A listing without an API', () => {
  it('is to be closed in fail-safe mode, which ends without waiting for a person', async () => {
    const { requested, inStock, shown } = await listOnSale()
    await switchMode('FAIL_SAFE')
    await requested(6)
    await switchMode('NORMAL')
    // Its old cap is still in force, and more may be requested: it has sold fast.
    await until(async () => expect((await shown())?.task?.cap).not.toBe(6))
    expect(await inStock()).toMatchObject({ confirmedCap: 50, mode: 'OPEN', sold: 6 })
  })

  it('is counted and closed by a person during fail-safe mode, and opened again after it', async () => {
    const { id, requested, confirm, inStock } = await listOnSale()
    await switchMode('FAIL_SAFE')
    await requested(6)
    await confirm(9, 9)
    await switchMode('NORMAL')
    await until(async () => expect(await inStock()).toMatchObject({ confirmedCap: 9, sold: 9 }))
    await requested(50)
    await confirm(50, 9)
    expect(await system.stock(id)).toMatchObject({ sold: 9, oversold: 0 })
  })
})
