import { Logger } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { MemoryDatabase } from '../../adapters/memory/memory-database.js'
import { memoryStores } from '../../adapters/memory/stores.js'
import type { Channel } from '../../domain/channel-record.js'
import type { Event } from '../../domain/event-record.js'
import type { Config } from '../../infrastructure/config/config.js'
import { ServiceState } from '../../infrastructure/instances/service-state.js'
import { MemoryLocks } from '../../infrastructure/locks/memory-locks.js'
import { SystemClock, SystemTimers } from '../../infrastructure/time/system-time.js'
import { environmentConnection, Platforms } from '../../platforms/platforms.js'
import type { Outcome, PlatformAdapter, WebhookSubscription } from '../../platforms/port.js'
import type { AlertService } from '../../alerts/alert.service.js'
import type { FetchJobs } from '../route/fetch-jobs.js'
import type { WebhookSecrets } from './webhook-secrets.js'
import { SubscriptionRecords } from './subscription-records.js'
import { Subscriptions } from './subscriptions.js'
import type { SweepSchedule } from '../polling/sweep-schedule.js'
import { environmentConnectionId } from '../../domain/connection-record.js'

Logger.overrideLogger(false)

const EVENTBRITE = 'https://www.eventbriteapi.com/v3'
const DONE: WebhookSubscription = { id: '15', created: true, secret: null, events: { 15: '7' }, complete: true }

interface Settings {
  publicUrl?: string
  webhookToken?: string | null
  outcome?: Outcome<WebhookSubscription>
}

/** The service with one listing, stores in memory and a stub adapter that returns `outcome`. */
function serviceWith({ publicUrl = 'https://tickets.example.org', webhookToken = 'secret', outcome }: Settings) {
  const requestedEvents: (readonly string[] | undefined)[] = []
  const channelsRead: string[] = []
  const alerts: string[] = []
  const clock = new SystemClock()
  const database = new MemoryDatabase(clock, new SystemTimers())
  const { subscriptions, channels } = memoryStores(database)
  const now = clock.now()
  void database.events.insert(null, { id: 'evt_1', startsAt: now, endsAt: null, closedSince: null } as Event)
  const connectionId = environmentConnectionId('EVENTBRITE')
  const listing = { platform: 'EVENTBRITE', connectionId, externalEventId: '7', importedAt: now, detachedAt: null }
  void database.channels.insert(null, { id: 'chn_7', eventId: 'evt_1', ...listing } as Channel)
  const adapter = {
    platform: 'EVENTBRITE',
    configured: true,
    hasWebhooks: true,
    subscribesPerEvent: true,
    ensureWebhookSubscription: (_url: string, _context: unknown, events?: readonly string[]) => {
      requestedEvents.push(events)
      return Promise.resolve(outcome ?? { kind: 'OK', value: DONE })
    },
  } as unknown as PlatformAdapter
  const config = {
    http: { publicUrl },
    eventbrite: { apiUrl: EVENTBRITE, webhookToken },
    luma: { apiUrl: 'https://public-api.luma.com' },
  } as unknown as Config
  const path = webhookToken && `/webhooks/eventbrite/${webhookToken}`
  const platforms = new Platforms([environmentConnection(adapter, path)])
  const service = new Subscriptions(
    platforms,
    subscriptions,
    {} as WebhookSecrets,
    channels,
    new MemoryLocks(new ServiceState()),
    config,
    { raise: ({ detail }: { detail: string }) => Promise.resolve(void alerts.push(detail)) } as unknown as AlertService,
    {} as SweepSchedule,
    new SubscriptionRecords(subscriptions, platforms, clock),
    { enqueueChanges: ({ id }: { id: string }) => Promise.resolve(void channelsRead.push(id)) } as unknown as FetchJobs,
    clock,
  )
  return { service, requestedEvents, channelsRead, alerts }
}

describe('The status of webhook subscriptions', () => {
  it.each([
    ['PUBLIC_URL', { publicUrl: 'http://127.0.0.1:3000' }],
    ['EVENTBRITE_WEBHOOK_TOKEN', { webhookToken: null }],
  ])('is unregistered with a reason when %s is unsuitable', async (name, settings) => {
    const { service, requestedEvents } = serviceWith(settings)
    expect(await service.ensureAll()).toBe(true)
    expect(requestedEvents).toEqual([])
    expect(await service.status()).toEqual([
      {
        connectionId: environmentConnectionId('EVENTBRITE'),
        registered: false,
        reason: expect.stringContaining(name),
        checkedAt: expect.any(String),
      },
    ])
  })

  it('is registered for the own events, whose changes are read once after subscribing', async () => {
    const { service, requestedEvents, channelsRead } = serviceWith({})
    expect(await service.ensureAll()).toBe(true)
    expect(requestedEvents).toEqual([['7']])
    expect(await service.status()).toMatchObject([{ registered: true, reason: null, events: { 15: '7' } }])
    await service.ensureAll()
    expect(channelsRead).toEqual(['chn_7'])
  })

  it("is unregistered with the platform's message, and raises an alert, when the platform refuses", async () => {
    const { service, alerts } = serviceWith({ outcome: { kind: 'FORBIDDEN', message: '403 NOT_AUTHORIZED' } })
    expect(await service.ensureAll()).toBe(true)
    expect(await service.status()).toMatchObject([{ registered: false, reason: '403 NOT_AUTHORIZED' }])
    expect(alerts).toEqual([expect.stringContaining('403 NOT_AUTHORIZED')])
  })

  it('is unregistered when some events are refused, and keeps the subscriptions of the others', async () => {
    const value = { ...DONE, problems: ['GONE (404 NOT_FOUND)'] }
    const { service } = serviceWith({ outcome: { kind: 'OK', value } })
    await service.ensureAll()
    expect(await service.status()).toMatchObject([
      { registered: false, reason: '1 events: GONE (404 NOT_FOUND)', events: { 15: '7' } },
    ])
  })

  it('is unregistered and due for a retry when the first check gets no response', async () => {
    const settings: Settings = { outcome: { kind: 'UNAVAILABLE', reason: 'no response' } }
    const { service } = serviceWith(settings)
    expect(await service.ensureAll()).toBe(false)
    expect(await service.status()).toMatchObject([{ registered: false, reason: 'not checked yet: no response' }])
  })
})
