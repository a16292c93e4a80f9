import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { AlertService, type NewAlert } from '../../../src/alerts/alert.service.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { AlertCollector } from '../../../src/notifications/collection/alert-collector.js'
import { FailingTargets } from '../../../src/notifications/failing-targets.js'
import { NotificationRetention } from '../../../src/notifications/notification-retention.js'
import { NotificationBench } from '../../support/fixtures/notifications.js'
import { until } from '../../support/service/test-system.js'

const PROBLEM: NewAlert = { kind: 'PLATFORM_UNREACHABLE', platform: 'LUMA', about: 'access', detail: 'Luma is down' }

let bench: NotificationBench
let alerts: AlertService

beforeAll(async () => {
  bench = await NotificationBench.start()
  alerts = bench.sales.service.app.get(AlertService)
  bench.run()
})
afterAll(() => bench?.stop())
afterEach(async () => {
  bench.receiver.respond = (response) => void response.writeHead(204).end()
  bench.smtp.refuses = () => false
  await bench.removeAll()
  await bench.sales.prisma.alert.deleteMany()
})

const eventsAt = (path: string) => bench.receiver.at(path).map(({ body }) => body['type'])
const messages = () => bench.sales.prisma.notificationMessage.findMany({ orderBy: { id: 'asc' } })
/** Until everything that was collected has been sent. */
const untilSent = () =>
  until(async () => {
    expect(await bench.sales.prisma.alertChange.count()).toBe(0)
    expect((await messages()).filter(({ sentAt, failedAt }) => sentAt === null && failedAt === null)).toEqual([])
  }, 30_000)

describe('A problem', () => {
  it('and its end are one message each, to every target in its form', async () => {
    await bench.add('SLACK', '/slack')
    await bench.add('DISCORD', '/discord')
    const { id, secret } = await bench.add('WEBHOOK', '/hook')
    await bench.add('EMAIL', 'ops@example.com')
    await bench.add('WEBHOOK', '/digests', ['DIGEST'])
    const eventId = await bench.sales.event({ name: 'Gala <!channel> *2030*' })
    const problem = { ...PROBLEM, eventId } as const
    expect(await alerts.raise(problem)).toBe(true)
    expect(await alerts.raise({ ...problem, detail: 'again' })).toBe(false)
    await until(() => expect(bench.receiver.received).toHaveLength(3))
    await until(() => expect(bench.smtp.mails).toHaveLength(1))
    expect(await alerts.resolve(problem)).toBe(true)
    await until(() => expect(bench.receiver.received).toHaveLength(6))
    await until(() => expect(bench.smtp.mails).toHaveLength(2))
    await untilSent()

    const url = `https://tickets.example.com/#/events/${eventId}`
    const texts = bench.receiver.at('/slack').map(({ body }) => body['text'])
    const name = 'Gala &lt;!channel&gt; *2030*'
    expect(texts[0]).toBe(`*Alert PLATFORM_UNREACHABLE: ${name}*\n${name}: Luma is down\n<${url}|Open>`)
    expect(texts[1]).toContain('*Resolved PLATFORM_UNREACHABLE')
    const [posted] = bench.receiver.at('/discord')
    expect(posted?.body).toMatchObject({ allowed_mentions: { parse: [] }, content: expect.stringContaining(url) })
    const [raised, resolved] = bench.receiver.at('/hook')
    const body = new Webhook(secret ?? '').verify(raised?.text ?? '', raised?.headers as Record<string, string>)
    expect(body).toMatchObject({
      id: raised?.headers['webhook-id'],
      type: 'ALERT',
      data: { url, count: 1, alerts: [{ kind: 'PLATFORM_UNREACHABLE', eventId, platform: 'LUMA', resolvedAt: null }] },
    })
    expect(resolved?.body).toMatchObject({ type: 'RESOLVED', data: { alerts: [{ resolvedAt: expect.any(String) }] } })
    expect(() =>
      new Webhook(secret ?? '').verify(`${raised?.text} `, raised?.headers as Record<string, string>),
    ).toThrow()
    expect(bench.smtp.mails.map(({ to }) => to)).toEqual(['ops@example.com', 'ops@example.com'])
    expect(bench.smtp.mails[0]?.raw).toContain('Subject: Alert PLATFORM_UNREACHABLE')
    expect(await bench.target(id)).toMatchObject({ state: 'DELIVERING', lastSuccessAt: expect.any(String) })
  })

  it('whose ALERT was not sent has no RESOLVED; a target without ALERT gets it', async () => {
    const { sales } = bench
    await alerts.raise(PROBLEM)
    await until(async () => expect(await sales.prisma.alertChange.count()).toBe(0))
    await bench.add('WEBHOOK', '/both', ['ALERT', 'RESOLVED'])
    await bench.add('WEBHOOK', '/ends', ['RESOLVED'])
    await alerts.resolve(PROBLEM)
    await until(() => expect(eventsAt('/ends')).toEqual(['RESOLVED']))
    await untilSent()
    expect(eventsAt('/both')).toEqual([])
  })

  it('with a thousand alerts is one message, and so is its end', async () => {
    await bench.add('WEBHOOK', '/hook')
    await bench.add('SLACK', '/slack')
    const subjects = Array.from({ length: 1_000 }, (_, index) => `chn-${index}`)
    const of = (subject: string, index: number): NewAlert => {
      return { ...PROBLEM, platform: index % 2 === 0 ? 'LUMA' : 'EVENTBRITE', subject, detail: `${subject} is closed` }
    }
    for (let first = 0; first < 1_000; first += 10) {
      await Promise.all(subjects.slice(first, first + 10).map((subject, index) => alerts.raise(of(subject, index))))
    }
    await until(() => expect(bench.receiver.at('/hook')).toHaveLength(1), 30_000)
    await until(() => expect(bench.receiver.at('/slack')).toHaveLength(1))
    const [message] = bench.receiver.at('/hook')
    expect(message?.body['data']).toMatchObject({ count: 1_000, url: 'https://tickets.example.com/#/alerts' })
    expect(message?.text).toContain('and 999 more (in total EVENTBRITE 500, LUMA 500)')
    expect(bench.receiver.at('/slack')[0]?.body['text']).toContain('and 999 more')
    await alerts.resolveMatching({ kinds: ['PLATFORM_UNREACHABLE'] })
    await until(() => expect(eventsAt('/hook')).toEqual(['ALERT', 'RESOLVED']), 30_000)
    await untilSent()
    expect(bench.receiver.received).toHaveLength(4)
    expect(bench.receiver.at('/hook')[1]?.body['data']).toMatchObject({ count: 1_000 })
  }, 90_000)

  it('is not sent while further alerts with its cause are not collected yet', async () => {
    await bench.add('WEBHOOK', '/hook', ['ALERT'])
    const collector = bench.sales.service.app.get(AlertCollector)
    await alerts.raise({ ...PROBLEM, subject: 'first' })
    await until(async () => expect(await messages()).toHaveLength(1))
    const collect = vi.spyOn(collector as unknown as { collectBatch: () => Promise<number> }, 'collectBatch')
    collect.mockResolvedValue(0)
    await alerts.raise({ ...PROBLEM, subject: 'second' })
    const [before] = await messages()
    // Its time comes, and it is deferred.
    await until(async () => expect((await messages())[0]!.dueAt.getTime()).toBeGreaterThan(before!.dueAt.getTime()))
    await alerts.raise({ kind: 'RED_ALARM', detail: 'another cause' })
    expect(bench.receiver.received).toEqual([])
    collect.mockRestore()
    await until(() => expect(bench.receiver.received).toHaveLength(2))
    const counts = bench.receiver.received.map(({ body }) => (body['data'] as { count: number }).count)
    expect(new Set(counts)).toEqual(new Set([1, 2]))
  })

  it('that recurs is held back for minutes once many alerts with its cause were sent, and dropped if it ends before', async () => {
    await bench.add('WEBHOOK', '/hook', ['ALERT'])
    const raise = (subject: string) => alerts.raise({ ...PROBLEM, subject })
    for (let count = 0; count < 6; count++) await raise(`first ${count}`)
    await until(() => expect(eventsAt('/hook')).toEqual(['ALERT']), 15_000)
    await raise('later')
    await alerts.raise({ kind: 'RED_ALARM', detail: 'another cause' })
    await until(() => expect(eventsAt('/hook')).toEqual(['ALERT', 'ALERT']))
    const held = (await messages()).filter(({ attempts }) => attempts === 0)
    expect(held).toMatchObject([{ cause: 'PLATFORM_UNREACHABLE access', attempts: 0, alertIds: [expect.any(String)] }])
    expect(held[0]!.dueAt.getTime() - Date.now()).toBeGreaterThan(200_000)
    await alerts.resolve({ ...PROBLEM, subject: 'later' })
    await until(async () => expect((await messages()).every(({ sentAt }) => sentAt !== null)).toBe(true))
  })
})

describe('A target that does not accept messages', () => {
  it('is retried with the same message, and shows its last error until one is accepted', async () => {
    let refusals = 2
    bench.receiver.respond = (response) =>
      void (refusals-- > 0 ? response.writeHead(500).end('no\nluck') : response.writeHead(200).end())
    const { id } = await bench.add('WEBHOOK', '/hook')
    await bench.call('POST', `/${id}/test`)
    await until(async () =>
      expect(await bench.target(id)).toMatchObject({ state: 'FAILING', lastError: 'it responded 500: no luck' }),
    )
    await until(async () => expect(await bench.target(id)).toMatchObject({ state: 'DELIVERING' }), 20_000)
    const received = bench.receiver.at('/hook')
    expect(received).toHaveLength(3)
    expect(new Set(received.map(({ text }) => text)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  }, 30_000)

  it('delays no other', async () => {
    bench.receiver.respond = (response, { path }) => {
      if (path !== '/dead') response.writeHead(204).end()
    }
    await bench.add('WEBHOOK', '/dead')
    await bench.add('WEBHOOK', '/alive')
    for (const kind of ['RED_ALARM', 'OVERSOLD', 'DRIFT'] as const) {
      const startedAt = performance.now()
      await alerts.raise({ kind, detail: kind })
      await until(() => expect(bench.receiver.at('/alive').at(-1)?.text).toContain(kind), 8_000)
      expect(performance.now() - startedAt).toBeLessThan(8_000)
    }
    expect(bench.receiver.at('/dead')).toHaveLength(1)
  }, 30_000)

  it('is given up after many attempts, and raises one alert, which is sent to others and resolves', async () => {
    bench.receiver.respond = (response, { path }) => void response.writeHead(path === '/dead' ? 404 : 204).end()
    const { id } = await bench.add('WEBHOOK', '/dead')
    await bench.add('WEBHOOK', '/alive')
    bench.sales.service.app.get(BackgroundTasks).start(FailingTargets)
    const { prisma } = bench.sales
    await alerts.raise(PROBLEM)
    await until(async () => {
      // Without the pauses.
      await prisma.notificationTarget.updateMany({ where: { id }, data: { nextAttemptAt: new Date() } })
      expect((await messages()).filter(({ failedAt }) => failedAt !== null)).toHaveLength(1)
    }, 30_000)
    expect(bench.receiver.at('/dead')).toHaveLength(12)
    await until(
      () => expect(bench.receiver.at('/alive').at(-1)?.text).toContain('are not accepted: it responded 404'),
      20_000,
    )
    await untilSent()
    const raised = await prisma.alert.findMany({ where: { kind: 'DEAD_LETTER' } })
    expect(raised).toHaveLength(1)
    expect(bench.receiver.at('/dead')).toHaveLength(12)
    bench.receiver.respond = (response) => void response.writeHead(204).end()
    await bench.call('POST', `/${id}/test`)
    await until(() => expect(eventsAt('/alive')).toEqual(['ALERT', 'ALERT', 'RESOLVED']), 20_000)
    expect(eventsAt('/dead').slice(12)).toEqual(['TEST'])
  }, 90_000)

  it('is sent no more than twenty messages a minute', async () => {
    const { id } = await bench.add('WEBHOOK', '/hook')
    const { prisma } = bench.sales
    const content = { event: 'TEST', title: 'Test', lines: [], url: '', data: {} }
    const rows = Array.from({ length: 25 }, (_, index) => {
      return { id: `msg_${index}`, targetId: id, event: 'TEST', content, dueAt: new Date() }
    })
    await prisma.notificationMessage.createMany({ data: rows })
    await until(async () => {
      const { nextAttemptAt } = await prisma.notificationTarget.findUniqueOrThrow({ where: { id } })
      expect(nextAttemptAt.getTime() - Date.now()).toBeGreaterThan(30_000)
    }, 20_000)
    expect(bench.receiver.at('/hook')).toHaveLength(20)
    const sentAt = new Date(Date.now() - 61_000)
    await prisma.notificationMessage.updateMany({ where: { sentAt: { not: null } }, data: { sentAt } })
    await prisma.notificationTarget.updateMany({ data: { nextAttemptAt: new Date() } })
    await until(() => expect(bench.receiver.at('/hook')).toHaveLength(25))
  }, 40_000)
})

describe('The outbox', () => {
  it('sends a message again, with the same id, that a process has sent and not recorded', async () => {
    const { id } = await bench.add('WEBHOOK', '/hook')
    await bench.call('POST', `/${id}/test`)
    await untilSent()
    const { prisma } = bench.sales
    // The service has also seen that there is no other message.
    const isIdle = async () => (await prisma.notificationTarget.findUniqueOrThrow({ where: { id } })).busyUntil === null
    await until(async () => {
      for (let reads = 0; reads < 5; reads++) expect(await isIdle()).toBe(true)
    })
    // As the process leaves it that is killed in between.
    const busyUntil = new Date(Date.now() + 2_000)
    await prisma.notificationTarget.update({ where: { id }, data: { busyUntil } })
    await prisma.notificationMessage.updateMany({ data: { sentAt: null } })
    await until(() => expect(bench.receiver.at('/hook')).toHaveLength(2))
    expect(Date.now()).toBeGreaterThanOrEqual(busyUntil.getTime())
    const ids = bench.receiver.at('/hook').map(({ headers }) => headers['webhook-id'])
    expect(ids[0]).toBe(ids[1])
  })

  it('is sent by one of several processes', async () => {
    const other = await bench.sales.startInstance()
    other.app.get(BackgroundTasks).start()
    await bench.add('WEBHOOK', '/hook', ['ALERT'])
    for (const kind of ['RED_ALARM', 'OVERSOLD', 'DRIFT', 'SYNC_STALE'] as const)
      await alerts.raise({ kind, detail: kind })
    await until(() => expect(bench.receiver.at('/hook').length).toBeGreaterThanOrEqual(4))
    await untilSent()
    await other.close()
    expect(bench.receiver.at('/hook')).toHaveLength(4)
  }, 30_000)

  it('keeps nothing beyond the retention', async () => {
    const { id } = await bench.add('WEBHOOK', '/hook')
    await bench.call('POST', `/${id}/test`)
    await untilSent()
    const retention = bench.sales.service.app.get(NotificationRetention)
    await retention.delete()
    expect(await messages()).toHaveLength(1)
    await bench.sales.prisma.notificationMessage.updateMany({
      data: { createdAt: new Date(Date.now() - 91 * 86_400_000) },
    })
    await retention.delete()
    expect(await messages()).toHaveLength(0)
  })
})
