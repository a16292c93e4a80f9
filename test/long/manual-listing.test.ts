import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addManualConnection } from '../support/fixtures/manual-connection.js'
import { startTestSystem, until, type TestSystem } from '../support/service/test-system.js'
import { temporaryDirectory } from '../support/servers/directories.js'

interface ShownChannel {
  id: string
  platform: string
  state: string
  task: { cap: number; since: string; overdue: boolean } | null
}

interface ShownEvent {
  channels: ShownChannel[]
  detail?: string
}

let system: TestSystem
beforeAll(async () => {
  system = await startTestSystem()
  await addManualConnection(system.apps)
})
afterAll(() => system?.close())

let lists = 0
const call = <T = ShownEvent>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) =>
  system.app.call<T>(method, path, { token: system.token, ...(body ? { body } : {}) })

/** An event of 100 without safety stock, half of it for Luma, the rest for a list; with direct sales on request. */
async function eventWithList(options: { directWeight?: number } = {}) {
  const { luma } = system.list()
  const channels = [
    { platform: 'LUMA', externalEventId: luma },
    { platform: 'MANUAL', externalEventId: `list ${(lists += 1)}`, label: 'Facebook' },
  ]
  const event = { name: 'Quiz', startsAt: new Date(Date.now() + 86_400_000).toISOString(), capacity: 100 }
  const body = { ...event, softCapRatio: 1, safetyStockRatio: 0, channels, ...options }
  const created = await call<ShownEvent & { id: string }>('POST', '/events', body)
  expect(created.status).toBe(201)
  const { id } = created.body
  const list = created.body.channels.find(({ platform }) => platform === 'MANUAL')?.id ?? ''
  const confirm = (confirmation: object) => call('POST', `/events/${id}/channels/${list}/confirm`, confirmation)
  const shown = async () => (await call('GET', `/events/${id}`)).body.channels.find((one) => one.id === list)
  const inStock = async () => (await system.stock(id)).channels.find((one) => one.id === list)
  const requested = (cap: number | null) => until(async () => expect((await shown())?.task?.cap ?? null).toBe(cap))
  return { id, list, luma, confirm, shown, inStock, requested }
}

it('starts closed, and its share is exposure from when a person is requested to set it', async () => {
  const { id, requested, inStock, confirm, shown } = await eventWithList()
  await requested(50)
  expect(await inStock()).toMatchObject({
    confirmedCap: 0,
    exposure: 50,
    allocation: 50,
    sold: 0,
    mode: 'WAITLIST_ONLY',
  })
  expect(await shown()).toMatchObject({ task: { cap: 50, overdue: false } })
  const confirmed = await confirm({ cap: 50, sold: 3 })
  expect(confirmed.status).toBe(200)
  expect(confirmed.body.channels.find(({ platform }) => platform === 'MANUAL')?.task).toBeNull()
  expect(await inStock()).toMatchObject({ confirmedCap: 50, exposure: 50, allocation: 47, sold: 3, mode: 'OPEN' })
  expect((await system.stock(id)).sold).toBe(3)
})

it('is listed with its event while there is something to do', async () => {
  const { id, requested, confirm } = await eventWithList()
  const { id: other, requested: otherRequested } = await eventWithList()
  const withTask = async () =>
    (await call<{ items: { id: string }[] }>('GET', '/events?task=OPEN&limit=100')).body.items.map((event) => event.id)
  await Promise.all([requested(50), otherRequested(50)])
  expect(await withTask()).toEqual(expect.arrayContaining([id, other]))
  expect((await confirm({ cap: 50, sold: 0 })).status).toBe(200)
  expect(await withTask()).toContain(other)
  expect(await withTask()).not.toContain(id)
  expect((await call('GET', '/events?task=DONE')).status).toBe(400)
})

it('records the difference to the count before, up and down, and nothing for the same count', async () => {
  const { id, requested, inStock, confirm } = await eventWithList()
  await requested(50)
  for (const sold of [4, 9, 9, 2]) {
    expect((await confirm({ cap: 50, sold })).status).toBe(200)
    expect(await inStock()).toMatchObject({ sold, exposure: 50 })
  }
  const movements = await call<{ items: { reason: string; quantity: number }[] }>('GET', `/events/${id}/movements`)
  const ofSales = movements.body.items.filter(({ reason }) => reason.startsWith('platform'))
  expect(ofSales.map(({ reason, quantity }) => `${reason} ${quantity}`).toReversed()).toEqual([
    'platform sale 4',
    'platform sale 5',
    'platform cancellation 5',
    'platform cancellation 2',
  ])
})

it('keeps a task until what is confirmed is what was requested', async () => {
  const { requested, inStock, confirm, shown } = await eventWithList()
  await requested(50)
  const { since } = (await shown())?.task ?? {}
  await confirm({ cap: 20, sold: 5 })
  expect(await inStock()).toMatchObject({ confirmedCap: 20, exposure: 50, sold: 5 })
  expect(await shown()).toMatchObject({ task: { cap: 50, since } })
  await confirm({ cap: 50, sold: 5 })
  expect(await shown()).toMatchObject({ task: null })
})

it('gives the units of a list to others only when a person has confirmed the lower cap', async () => {
  const { id, list, requested, inStock, confirm } = await eventWithList({ directWeight: 1 })
  await requested(33)
  await confirm({ cap: 33, sold: 10 })
  await call('PATCH', `/events/${id}/channels/${list}`, { maxUnits: 15 })
  await requested(15)
  expect(await inStock()).toMatchObject({ exposure: 33, allocation: 23 })
  await confirm({ cap: 15, sold: 12 })
  expect(await inStock()).toMatchObject({ exposure: 15, allocation: 3, sold: 12 })
})

it('requests a closing at what is sold, and detaches once that is confirmed', async () => {
  const { id, list, requested, shown, confirm, inStock } = await eventWithList()
  await requested(50)
  await confirm({ cap: 50, sold: 7 })
  await call('POST', `/events/${id}/pause`)
  await requested(7)
  await confirm({ cap: 8, sold: 8 })
  await requested(null)
  expect(await inStock()).toMatchObject({ confirmedCap: 8, mode: 'WAITLIST_ONLY' })
  await call('POST', `/events/${id}/resume`)
  await requested(50)
  await call('DELETE', `/events/${id}/channels/${list}`, { reason: 'the page is gone' })
  await requested(8)
  await confirm({ cap: 8, sold: 8 })
  await until(async () => expect((await shown())?.state).toBe('DETACHED'), 20_000)
  expect((await system.stock(id)).sold).toBe(8)
})

it('counts more sold than the cap, and more than the capacity, as facts', async () => {
  const { id, requested, confirm } = await eventWithList()
  await requested(50)
  await confirm({ cap: 50, sold: 60 })
  // Taken from the other listing, once its cap is lowered.
  await until(async () => expect(await system.stock(id)).toMatchObject({ sold: 60, oversold: 0 }))
  await confirm({ cap: 50, sold: 104 })
  // Beyond the capacity, and the one ticket below which the other listing's cap cannot be.
  await until(async () => expect(await system.stock(id)).toMatchObject({ sold: 104, oversold: 5 }))
  const alerts = await call<{ items: { kind: string; eventId: string }[] }>('GET', '/alerts')
  expect(alerts.body.items.filter((alert) => alert.eventId === id).map(({ kind }) => kind)).toContain('OVERSOLD')
})

it('serializes two people who confirm at the same time', async () => {
  const { requested, confirm, inStock } = await eventWithList()
  await requested(50)
  const given = [
    { cap: 50, sold: 12 },
    { cap: 40, sold: 8 },
  ]
  const responses = await Promise.all(given.map((confirmation) => confirm(confirmation)))
  expect(responses.map(({ status }) => status)).toEqual([200, 200])
  const { confirmedCap: cap, sold } = (await inStock()) ?? {}
  expect(given).toContainEqual({ cap, sold })
})

it('refuses what is no confirmation', async () => {
  const { id, list, confirm } = await eventWithList()
  for (const body of [
    { cap: -1, sold: 0 },
    { cap: 5, sold: -1 },
    { cap: 5 },
    { cap: 1.5, sold: 0 },
    { cap: '5', sold: 0 },
  ]) {
    expect((await confirm(body)).status).toBe(400)
  }
  expect((await call('POST', `/events/${id}/channels/chn_unknown/confirm`, { cap: 5, sold: 0 })).status).toBe(404)
  expect((await call('POST', `/events/evt_unknown/channels/${list}/confirm`, { cap: 5, sold: 0 })).status).toBe(404)
  const ofLuma = await call('POST', `/events/${id}/channels/LUMA/confirm`, { cap: 5, sold: 0 })
  expect(ofLuma).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
})

it('belongs to one live event at a time', async () => {
  const { id } = await eventWithList()
  const { id: other } = await eventWithList()
  const listing = { platform: 'MANUAL', externalEventId: `the door list ${id}` }
  expect((await call('POST', `/events/${id}/channels`, listing)).status).toBe(201)
  expect((await call('POST', `/events/${other}/channels`, listing)).status).toBe(409)
})

it('keeps what was confirmed when its name changes', async () => {
  const { id, list, requested, confirm, inStock, shown } = await eventWithList()
  await requested(50)
  await confirm({ cap: 50, sold: 6 })
  await call('PATCH', `/events/${id}/channels/${list}`, { externalEventId: `renamed ${list}` })
  expect(await inStock()).toMatchObject({ externalEventId: `renamed ${list}`, confirmedCap: 50, sold: 6 })
  expect(await shown()).toMatchObject({ task: null })
})

it('is not waited for by a reconciliation', async () => {
  const { id, requested } = await eventWithList()
  await requested(50)
  const run = await call<{ id: string }>('POST', '/reconciliation/runs', { eventId: id })
  await until(async () => {
    const { body } = await call<{ state: string; items: unknown[] }>('GET', `/reconciliation/runs/${run.body.id}`)
    expect(body).toMatchObject({ state: 'SUCCEEDED', items: [] })
  }, 30_000)
})

it('has a proof that the verifier accepts', async () => {
  const { id, requested, confirm } = await eventWithList()
  await requested(50)
  for (const confirmation of [
    { cap: 50, sold: 4 },
    { cap: 30, sold: 9 },
    { cap: 30, sold: 2 },
    { cap: 50, sold: 2 },
  ]) {
    await confirm(confirmation)
  }
  await until(async () => expect((await system.stock(id)).channels[0]).toMatchObject({ confirmedCap: 50 }))
  const { body } = await system.app.call<string>('GET', `/events/${id}/proof`, { token: system.token })
  const file = join(temporaryDirectory(), 'proof.ndjson')
  writeFileSync(file, body)
  expect(execFileSync('node', ['tools/verify/verify.mjs', file], { encoding: 'utf8' })).toContain('is valid')
})
