import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Locks } from '../../../src/infrastructure/locks/locks.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import type { RunDto, RunWithItemsDto } from '../../../src/reconciliation/reconciliation.dto.js'
import { ReconciliationService } from '../../../src/reconciliation/reconciliation.service.js'
import {
  dropWebhooks,
  createEventWithoutWebhooks,
  reconcile,
  soldBy,
  startIdleTestSystem,
} from '../../support/fixtures/reconcile.js'
import { until, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem({ instances: 2 })
})
afterAll(() => system.close())

const call = <T>(method: 'GET' | 'POST', path: string, body?: object) =>
  system.app.call<T>(method, path, { token: system.token, ...(body ? { body } : {}) })

describe('The reconciliation API', () => {
  it('responds 202 with the id, 409 while a run is in progress, 404 for an unknown subject, and 400 for an invalid body', async () => {
    const { id } = await createEventWithoutWebhooks(system)
    const locks = system.apps[1]?.app.get(Locks)
    const runId = await locks?.tryWith('reconciliation', async () => {
      const first = await call<{ id: string }>('POST', '/reconciliation/runs', { eventId: id })
      expect(first).toMatchObject({ status: 202, body: { id: expect.stringMatching(/^run_/) } })
      expect(await call('POST', '/reconciliation/runs', {})).toMatchObject({
        status: 409,
        body: { code: 'STATE_CONFLICT' },
      })
      return first.body.id
    })
    await until(async () => {
      const { body } = await call<RunWithItemsDto>('GET', `/reconciliation/runs/${runId}`)
      expect(body).toMatchObject({ state: 'SUCCEEDED', dryRun: false, eventsDone: 1, eventsTotal: 1, items: [] })
      expect(Date.parse(body.finishedAt ?? '')).toBeGreaterThan(Date.parse(body.startedAt))
    })
    const list = await call<{ items: RunDto[] }>('GET', '/reconciliation/runs?limit=1')
    expect(list.body.items).toMatchObject([{ id: runId, state: 'SUCCEEDED', itemCount: 0 }])
    expect((await call('POST', '/reconciliation/runs', { eventId: 'evt_none' })).status).toBe(404)
    expect((await call('GET', '/reconciliation/runs/run_none')).status).toBe(404)
    expect((await call('POST', '/reconciliation/runs', { dryRun: 'yes' })).status).toBe(400)
    expect((await call('GET', '/events/evt_none/drift')).status).toBe(404)
    expect((await system.app.call('POST', '/reconciliation/runs', { body: {} })).status).toBe(401)
  })
})

describe('Reconciliation with several instances', () => {
  it('executes a run in one instance and records sales once', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    const services = system.apps.map(({ app }) => app.get(ReconciliationService))
    const progress: string[] = []
    const runs = await Promise.allSettled(
      services.map((service) =>
        service.run({ eventId: id, onProgress: ({ done, total }) => progress.push(`${done}/${total}`) }),
      ),
    )
    const states = runs.map((run) => (run.status === 'fulfilled' ? run.value.items.length : (run.reason as Error).name))
    expect(new Set(states)).toEqual(new Set([1, 'StateConflict']))
    expect(progress).toContain('1/1')
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 })
  })

  it('executes a missed nightly run once', async () => {
    const prisma = system.app.app.get(PrismaService)
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.luma.control.register({ eventId: listings.luma, quantity: 1 })
    // Without a webhook subscription, later sales would not be reported.
    const [hook] = system.eventbrite.control.webhooks()
    expect(hook).toBeDefined()
    const key = 'reconciliation-due'
    const due = await prisma.storedValue.findUniqueOrThrow({ where: { key } })
    const value = { ...(due.value as object), at: new Date(Date.now() - 3_600_000).toISOString() }
    await prisma.storedValue.update({ where: { key }, data: { value } })
    const runs = () => prisma.reconciliationRun.findMany({ where: { trigger: 'NIGHTLY' }, include: { items: true } })
    await until(async () => expect((await runs()).map(({ state }) => state)).toEqual(['SUCCEEDED']))
    const next = await prisma.storedValue.findUniqueOrThrow({ where: { key } })
    expect(Date.parse((next.value as { at: string }).at)).toBeGreaterThan(Date.now())
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    expect(await runs()).toHaveLength(1)
    expect((await runs())[0]?.items).toMatchObject([{ eventId: id, kind: 'MISSING_SALE', corrected: true }])
  })

  it('resumes an interrupted run in another instance after the last completed event', async () => {
    dropWebhooks(system, false)
    const first = await createEventWithoutWebhooks(system)
    dropWebhooks(system, false)
    const second = await createEventWithoutWebhooks(system)
    for (const { listings } of [first, second]) system.luma.control.register({ eventId: listings.luma })
    const prisma = system.app.app.get(PrismaService)
    const left = { dryRun: false, trigger: 'OPERATOR', attempts: 1, position: first.id, eventsDone: 1 } as const
    const { id } = await prisma.reconciliationRun.create({ data: { ...left, id: 'run_left' } })
    const open = { runId: id, kind: 'UNREADABLE', corrected: false, detail: 'interrupted' } as const
    await prisma.reconciliationItem.create({ data: { ...open, id: 'dft_left', eventId: second.id, channel: 'LUMA' } })
    const run = await until(async () => {
      const { body } = await call<RunWithItemsDto>('GET', `/reconciliation/runs/${id}`)
      expect(body.state).toBe('SUCCEEDED')
      return body
    })
    expect(run.items.map(({ eventId, kind }) => [eventId, kind])).toEqual([[second.id, 'MISSING_SALE']])
    expect(await soldBy(system, first.id)).toMatchObject({ LUMA: 0 })
    expect(await soldBy(system, second.id)).toMatchObject({ LUMA: 1 })
    expect((await reconcile(system, { eventId: first.id })).items).toHaveLength(1)
  })

  it('resumes an aborted run automatically', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    await withStagingFailures(2, async () => {
      const run = await reconcile(system, { eventId: id })
      expect(run).toMatchObject({ state: 'SUCCEEDED', reason: null, eventsDone: 1 })
      expect(run.items).toMatchObject([{ kind: 'MISSING_SALE', channel: 'LUMA', corrected: true }])
    })
  })

  it('fails a run that is aborted repeatedly at the same event, with the reason', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    await withStagingFailures(1_000, async () => {
      const run = await reconcile(system, { eventId: id })
      expect(run).toMatchObject({ state: 'FAILED', eventsDone: 0, items: [] })
      expect(run.reason).toMatch(/5 times.*deadlock/)
    })
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 0 })
    expect((await reconcile(system, { eventId: id })).items).toHaveLength(1)
  })
})

/** Runs `during` while PostgreSQL rejects the next `times` staged pages with a deadlock error. */
async function withStagingFailures(times: number, during: () => Promise<void>): Promise<void> {
  const prisma = system.app.app.get(PrismaService)
  const statements = [
    'CREATE SEQUENCE refusals',
    `CREATE FUNCTION give_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF nextval('refusals') <= ${times} THEN RAISE EXCEPTION 'deadlock in a test' USING ERRCODE = '40P01'; END IF;
       RETURN NULL;
     END $$`,
    'CREATE TRIGGER give_way BEFORE INSERT ON reconciliation_staged FOR EACH STATEMENT EXECUTE FUNCTION give_way()',
  ]
  for (const statement of statements) await prisma.$executeRawUnsafe(statement)
  try {
    await during()
  } finally {
    await prisma.$executeRawUnsafe('DROP FUNCTION give_way CASCADE')
    await prisma.$executeRawUnsafe('DROP SEQUENCE refusals')
  }
}

describe('Reconciliation with an unavailable platform', () => {
  it('reports the platform as an open item, compares the others, and shows it in metrics and alerts', async () => {
    dropWebhooks(system, false)
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.luma.control.register({ eventId: listings.luma })
    system.eventbrite.knobs.patch({ serverErrorRate: 1 })
    try {
      const run = await reconcile(system, { eventId: id })
      expect(run.state).toBe('SUCCEEDED')
      const found = run.items.map(({ channel, kind, corrected }) => `${channel} ${kind} ${corrected}`)
      expect(new Set(found)).toEqual(new Set(['EVENTBRITE UNREADABLE false', 'LUMA MISSING_SALE true']))
    } finally {
      system.eventbrite.knobs.patch({ serverErrorRate: 0 })
    }
    const alerts = await call<{ items: { eventId: string; detail: string }[] }>('GET', '/alerts?kind=DRIFT')
    const [alert] = alerts.body.items.filter(({ eventId }) => eventId === id)
    expect(alert?.detail).toContain('EVENTBRITE still differs')
    const metrics = await system.app.call<string>('GET', '//metrics', { token: system.token })
    expect(metrics.body).toMatch(/drift_items_total\{channel="EVENTBRITE",kind="UNREADABLE",corrected="false"\} [1-9]/)
  })
})
