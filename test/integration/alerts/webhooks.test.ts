import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConditionRunner } from '../../../src/alert-conditions/condition-runner.js'
import {
  channel,
  ENV,
  evaluate,
  list,
  prisma,
  SECRET,
  service,
  start,
  token,
  useAlerts,
} from '../../support/fixtures/alerts.js'
import { signatureKey, subscriptionKey } from '../../../src/inbound/subscriptions/stored-keys.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

useAlerts()

describe('Webhook alerts', () => {
  it('are raised with the reason when a subscription cannot be registered or a variable is missing', async () => {
    await channel()
    const key = subscriptionKey(environmentConnectionId('EVENTBRITE'))
    const value = { registered: false, reason: 'the organization refuses', checkedAt: new Date().toISOString() }
    await prisma.storedValue.create({ data: { key, value } })
    await evaluate()
    expect(await list()).toMatchObject([
      {
        kind: 'PLATFORM_UNREACHABLE',
        platform: 'EVENTBRITE',
        detail: expect.stringContaining('the organization refuses'),
      },
    ])
    await prisma.storedValue.update({ where: { key }, data: { value: { ...value, registered: true, reason: null } } })
    await evaluate()
    expect(await list('&state=resolved')).toHaveLength(1)
    const { EVENTBRITE_WEBHOOK_TOKEN: _token, ...without } = ENV
    for (const [env, missing] of [
      [without, 'EVENTBRITE_WEBHOOK_TOKEN'],
      [{ ...ENV, PUBLIC_URL: 'http://127.0.0.1:3000' }, 'PUBLIC_URL'],
    ] as const) {
      await prisma.alert.deleteMany()
      const other = await start(env)
      await other.app.get(ConditionRunner).evaluateAll()
      await other.close()
      expect((await list()).map(({ detail }) => detail).join()).toContain(missing)
    }
  })

  it('are raised when signatures fail to verify, and resolved by the first valid one', async () => {
    await channel()
    const channels = [{ platform: 'LUMA', externalEventId: 'luma-signed' }]
    const body = { name: 'Signed', startsAt: '2031-01-01T18:00:00Z', capacity: 50, channels }
    await service.call('POST', '/events', { token, body })
    const delivery = { type: 'guest.updated', data: {} }
    const send = (secret: string) => {
      const seconds = Math.floor(Date.now() / 1_000)
      const signature = createHmac('sha256', secret)
        .update(`${seconds}.${JSON.stringify(delivery)}`)
        .digest('hex')
      return service.call('POST', '//webhooks/luma', {
        body: delivery,
        headers: { 'webhook-signature': `t=${seconds},v1=${signature}` },
      })
    }
    const expectStored = async (count: number) =>
      expect
        .poll(() => prisma.storedValue.count({ where: { key: signatureKey(environmentConnectionId('LUMA')) } }), {
          timeout: 15_000,
        })
        .toBe(count)
    for (let i = 0; i < 3; i++) expect((await send('a changed secret')).status).toBe(401)
    // The first one is stored at once, the others together some seconds later.
    await expectStored(1)
    await expect
      .poll(async () => (await prisma.storedValue.findFirst())?.value, { timeout: 15_000 })
      .toMatchObject({ count: 3 })
    await evaluate()
    expect(await list()).toMatchObject([{ kind: 'PLATFORM_UNREACHABLE', platform: 'LUMA', resolvedAt: null }])
    expect((await send(SECRET)).status).not.toBe(401)
    await expectStored(0)
    await evaluate()
    expect(await list('&state=resolved')).toHaveLength(1)
  })
})
