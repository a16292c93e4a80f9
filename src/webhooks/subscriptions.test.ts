import { Logger } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import type { Config } from '../infrastructure/config/config.js'
import type { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import type { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { Platforms } from '../platforms/platforms.js'
import type { Outcome, PlatformAdapter, WebhookSubscription } from '../platforms/port.js'
import type { AlertService } from '../alerts/alert.service.js'
import type { ReadJobs } from './read-jobs.js'
import { SubscriptionRecords } from './subscription-records.js'
import { Subscriptions } from './subscriptions.js'
import type { SweepSchedule } from './sweep-schedule.js'

Logger.overrideLogger(false)

const EVENTBRITE = 'https://www.eventbriteapi.com/v3'
const DONE: WebhookSubscription = { id: '15', created: true, secret: null, events: { 15: '7' }, complete: true }

interface Settings {
  publicUrl?: string
  webhookToken?: string | null
  outcome?: Outcome<WebhookSubscription>
}

/** The service before a store in memory and an adapter that answers as it is told. */
function serviceWith({ publicUrl = 'https://tickets.example.org', webhookToken = 'secret', outcome }: Settings) {
  const stored = new Map<string, unknown>()
  const asked: (readonly string[] | undefined)[] = []
  const read: string[] = []
  const alerts: string[] = []
  const prisma = {
    storedValue: {
      upsert: ({ where: { key }, create: { value } }: { where: { key: string }; create: { value: unknown } }) =>
        Promise.resolve(void stored.set(key, value)),
      findMany: () => Promise.resolve([...stored].map(([key, value]) => ({ key, value }))),
    },
    channel: {
      findMany: ({ select }: { select: { id?: true } }) =>
        Promise.resolve(select.id ? [{ id: 'chn_7' }] : [{ externalEventId: '7' }]),
    },
  } as unknown as PrismaService
  const adapter = {
    platform: 'EVENTBRITE',
    configured: true,
    hasWebhooks: true,
    subscribesPerEvent: true,
    ensureWebhookSubscription: (_url: string, _context: unknown, events?: readonly string[]) => {
      asked.push(events)
      return Promise.resolve(outcome ?? { kind: 'OK', value: DONE })
    },
  } as unknown as PlatformAdapter
  const config = {
    http: { publicUrl },
    eventbrite: { apiUrl: EVENTBRITE, webhookToken },
    luma: { apiUrl: 'https://public-api.luma.com' },
  } as unknown as Config
  const service = new Subscriptions(
    { all: () => [adapter] } as unknown as Platforms,
    prisma,
    { tryWith: (_name: string, work: () => Promise<unknown>) => work() } as unknown as AdvisoryLock,
    config,
    { raise: ({ detail }: { detail: string }) => Promise.resolve(void alerts.push(detail)) } as unknown as AlertService,
    {} as SweepSchedule,
    new SubscriptionRecords(prisma),
    { changes: ({ id }: { id: string }) => Promise.resolve(void read.push(id)) } as unknown as ReadJobs,
  )
  return { service, asked, read, alerts }
}

describe('how subscriptions stand', () => {
  it.each([
    ['PUBLIC_URL', { publicUrl: 'http://127.0.0.1:3000' }],
    ['EVENTBRITE_WEBHOOK_TOKEN', { webhookToken: null }],
  ])('without %s: not registered, and why', async (name, settings) => {
    const { service, asked } = serviceWith(settings)
    expect(await service.ensureAll()).toBe(true)
    expect(asked).toEqual([])
    expect(await service.standing()).toEqual([
      {
        platform: 'EVENTBRITE',
        registered: false,
        reason: expect.stringContaining(name),
        checkedAt: expect.any(String),
      },
    ])
  })

  it('registered for our events, which are read again once, for what was not told before', async () => {
    const { service, asked, read } = serviceWith({})
    expect(await service.ensureAll()).toBe(true)
    expect(asked).toEqual([['7']])
    expect(await service.standing()).toMatchObject([{ registered: true, reason: null, events: { 15: '7' } }])
    await service.ensureAll()
    expect(read).toEqual(['chn_7'])
  })

  it('refused: not registered, with what the platform says, and an alert', async () => {
    const { service, alerts } = serviceWith({ outcome: { kind: 'FORBIDDEN', message: '403 NOT_AUTHORIZED' } })
    expect(await service.ensureAll()).toBe(true)
    expect(await service.standing()).toMatchObject([{ registered: false, reason: '403 NOT_AUTHORIZED' }])
    expect(alerts).toEqual([expect.stringContaining('403 NOT_AUTHORIZED')])
  })

  it('refused for some events: not registered, but what is known of the others is kept', async () => {
    const value = { ...DONE, problems: ['GONE (404 NOT_FOUND)'] }
    const { service } = serviceWith({ outcome: { kind: 'OK', value } })
    await service.ensureAll()
    expect(await service.standing()).toMatchObject([
      { registered: false, reason: '1 events: GONE (404 NOT_FOUND)', events: { 15: '7' } },
    ])
  })

  it('not answered: tried again soon, and what was found before still stands', async () => {
    const settings: Settings = { outcome: { kind: 'UNAVAILABLE', reason: 'no answer' } }
    const first = serviceWith(settings)
    expect(await first.service.ensureAll()).toBe(false)
    expect(await first.service.standing()).toMatchObject([{ registered: false, reason: 'not checked yet: no answer' }])
  })
})
