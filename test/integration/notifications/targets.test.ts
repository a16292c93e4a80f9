import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { StoredSecrets } from '../../../src/infrastructure/encryption/stored-secrets.js'
import { AddressGuard } from '../../../src/infrastructure/outbound/address-guard.js'
import { guardedPost } from '../../../src/infrastructure/outbound/guarded-post.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import type { CreatedNotificationDto, NotificationDto } from '../../../src/notifications/targets/targets.dto.js'
import { NotificationBench } from '../../support/fixtures/notifications.js'
import { until } from '../../support/service/test-system.js'

const BODY = { kind: 'WEBHOOK', target: 'https://example.com/hook', events: ['ALERT'], label: 'Ops' }
const FULL = { depth: null, maxArrayLength: null, maxStringLength: null }
const SLACK_URL = 'https://hooks.slack.com/services/T000/B000/abcdefgh1234'

let bench: NotificationBench

beforeAll(async () => {
  bench = await NotificationBench.start({ ALLOW_PRIVATE_TARGETS: 'off' })
})
afterAll(() => bench?.stop())
afterEach(() => bench.removeAll())

const entriesOf = (action: string) =>
  bench.sales.prisma.auditEntry.findMany({ where: { action }, orderBy: { id: 'asc' } })

describe('A notification target', () => {
  it('is added, listed, changed and removed by admins, and each change is audited', async () => {
    const added = await bench.call<CreatedNotificationDto>('POST', '', BODY)
    expect(added.status).toBe(201)
    const { id, secret, ...shown } = added.body
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const state = { state: 'UNTRIED', lastSuccessAt: null, lastErrorAt: null, lastError: null }
    expect(shown).toEqual({ ...BODY, ...state, createdAt: expect.any(String) })
    expect(await bench.list()).toEqual([{ id, ...shown }])
    const changed = await bench.call<NotificationDto>('PATCH', `/${id}`, { events: ['DIGEST'], label: 'Press' })
    expect(changed.body).toMatchObject({ id, events: ['DIGEST'], label: 'Press', target: BODY.target })
    expect((await bench.call('DELETE', `/${id}`)).status).toBe(204)
    expect((await bench.call('DELETE', `/${id}`)).status).toBe(404)
    expect((await bench.call('PATCH', `/${id}`, { label: 'Gone' })).status).toBe(404)
    expect((await bench.call('POST', `/${id}/test`)).status).toBe(404)
    expect(await bench.list()).toEqual([])
    const [changes] = await entriesOf('notification.change')
    expect(changes).toMatchObject({ subject: id, before: { label: 'Ops' }, after: { label: 'Press' } })
    const kept = inspect(await bench.sales.prisma.auditEntry.findMany(), FULL)
    expect(kept).toContain('notification.create')
    expect(kept).toContain('notification.remove')
    expect(kept).not.toContain(secret)
    expect(await bench.sales.prisma.storedValue.count({ where: { key: { startsWith: 'notification:' } } })).toBe(0)
  })

  it('is for admins only', async () => {
    const { token } = bench.sales.operator
    expect((await bench.call('GET', '', undefined, token)).status).toBe(403)
    expect((await bench.call('POST', '', BODY, token)).status).toBe(403)
  })

  it('shows a secret address shortened, and keeps it encrypted', async () => {
    const { id, secret, target } = (
      await bench.call<CreatedNotificationDto>('POST', '', { ...BODY, kind: 'SLACK', target: SLACK_URL })
    ).body
    expect(target).toBe('https://hooks.slack.com/…1234')
    expect(secret).toBeNull()
    expect((await bench.target(id))?.target).toBe(target)
    const { prisma } = bench.sales
    const rows = [
      await prisma.storedValue.findMany(),
      await prisma.notificationTarget.findMany(),
      await prisma.auditEntry.findMany(),
    ]
    const stored = inspect(rows, FULL)
    expect(stored).toContain(`notification:${id}`)
    expect(stored).not.toContain('abcdefgh1234')
    // Among those that are encrypted again with a new key.
    const secrets = await bench.sales.service.app.get(StoredSecrets).list()
    expect(secrets.map(({ key }) => key)).toContain(`notification:${id}`)
  })

  it.each([
    ['kind', { kind: 'PAGER' }],
    ['target', { target: 'ftp://example.com/' }],
    ['target', { target: 'not an address' }],
    ['target', { target: 'https://user:password@example.com/' }],
    ['target', { kind: 'EMAIL', target: 'https://example.com/' }],
    ['events', { events: ['ALERT', 'EVERYTHING'] }],
    ['events', { events: ['ALERT', 'ALERT'] }],
    ['label', { label: ' ' }],
    ['color', { color: 'red' }],
  ])('is refused with an invalid %s: %j', async (field, change) => {
    const refused = await bench.call('POST', '', { ...BODY, ...change })
    expect(refused.status).toBe(400)
    expect(refused.body.errors?.[0]?.field.split('.')[0]).toBe(field)
  })

  it('is one of at most twenty, also when many are added at the same time', async () => {
    const statuses = await Promise.all(
      Array.from(
        { length: 24 },
        async () => (await bench.call('POST', '', { ...BODY, target: '1@example.com', kind: 'EMAIL' })).status,
      ),
    )
    expect(statuses.filter((status) => status === 201)).toHaveLength(20)
    expect(statuses.filter((status) => status === 409)).toHaveLength(4)
  })
})

describe('An address that is not on the internet', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://localhost:3000/',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[fd00::1]/',
    'http://[64:ff9b::a9fe:a9fe]/',
  ])('is refused: %s', async (target) => {
    const refused = await bench.call('POST', '', { ...BODY, target })
    expect(refused.status).toBe(400)
    expect(refused.body.errors?.[0]).toMatchObject({ field: 'target', message: expect.stringContaining('is refused') })
    const { id } = (await bench.call<CreatedNotificationDto>('POST', '', BODY)).body
    expect((await bench.call('PATCH', `/${id}`, { target })).status).toBe(400)
  })

  it('is not connected to where it was added while that was allowed', async () => {
    const allowing = await bench.sales.startInstance()
    Object.defineProperty(allowing.app.get(AddressGuard), 'allowPrivate', { value: true })
    const body = { ...BODY, target: `${bench.receiver.url}/hook` }
    const added = await allowing.call<CreatedNotificationDto>('POST', '/notifications', {
      token: bench.sales.admin.token,
      body,
    })
    expect(added.status).toBe(201)
    await allowing.close()
    bench.run()
    expect((await bench.call('POST', `/${added.body.id}/test`)).status).toBe(202)
    await until(async () => expect(await bench.target(added.body.id)).toMatchObject({ state: 'FAILING' }))
    expect((await bench.target(added.body.id))?.lastError).toMatch(/127\.0\.0\.1 is a private or loopback address/)
    expect(bench.receiver.received).toEqual([])
    const message = await bench.sales.service.app.get(PrismaService).notificationMessage.findFirstOrThrow()
    expect(message).toMatchObject({ sentAt: null, failure: expect.stringContaining('private') })
  })
})

describe('A name whose address changes between its check and the connection', () => {
  const options = { headers: {}, body: '{}', connectMs: 1_000, totalMs: 2_000, maxBody: 100 }
  /** Public when it is checked, loopback when it is connected to. */
  function rebinding(allowPrivate: boolean): AddressGuard {
    let calls = 0
    return new AddressGuard(allowPrivate, async () => [
      calls++ === 0 ? { address: '93.184.215.14', family: 4 } : { address: '127.0.0.1', family: 4 },
    ])
  }
  const urlOf = () => new URL(bench.receiver.url.replace('127.0.0.1', 'rebinding.example.com'))

  it('is refused when it is connected to', async () => {
    const guard = rebinding(false)
    await guard.check('rebinding.example.com')
    await expect(guardedPost(urlOf(), { ...options, guard })).rejects.toThrow('private or loopback')
    expect(bench.receiver.received).toEqual([])
  })

  it('would be reached without the guard', async () => {
    const guard = rebinding(true)
    await guard.check('rebinding.example.com')
    expect(await guardedPost(urlOf(), { ...options, guard })).toMatchObject({ status: 204 })
    expect(bench.receiver.received).toHaveLength(1)
  })

  it('is refused if one of several addresses is private', async () => {
    const guard = new AddressGuard(false, async () => [
      { address: '93.184.215.14', family: 4 },
      { address: '::1', family: 6 },
    ])
    await expect(guardedPost(urlOf(), { ...options, guard })).rejects.toThrow('private or loopback')
  })
})

describe('A receiver that does not respond as it should', () => {
  const guard = new AddressGuard(true)
  const options = { headers: {}, body: '{}', guard, connectMs: 500, totalMs: 500, maxBody: 100 }
  const post = () => guardedPost(new URL(bench.receiver.url), options)

  afterEach(() => {
    bench.receiver.respond = (response) => void response.writeHead(204).end()
  })

  it('is not followed elsewhere', async () => {
    bench.receiver.respond = (response) =>
      void response.writeHead(302, { location: `${bench.receiver.url}/other` }).end()
    expect(await post()).toMatchObject({ status: 302 })
    expect(bench.receiver.received.map(({ path }) => path)).toEqual(['/'])
  })

  it('is read up to a limit', async () => {
    bench.receiver.respond = (response) => {
      response.writeHead(200)
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', write)
      }
      write()
    }
    expect((await post()).body).toBe('x'.repeat(100))
  })

  it('is given up after a time, before and within the response', async () => {
    bench.receiver.respond = () => undefined
    await expect(post()).rejects.toThrow('no response within 500 ms')
    bench.receiver.respond = (response) => void response.writeHead(200).write('x')
    await expect(post()).rejects.toThrow()
  })
})
