import { expect, it } from 'vitest'
import { EncryptedSecrets } from '../../../../src/infrastructure/encryption/encrypted-secrets.js'
import { KeyRing, NotDecryptable } from '../../../../src/infrastructure/encryption/key-ring.js'
import { EncryptedTokenStore } from '../../../../src/platforms/meetup/access/encrypted-token-store.js'
import { WebhookSecrets } from '../../../../src/inbound/subscriptions/webhook-secrets.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const [OLD, NEW] = ['the old key of this installation', 'the new key of this installation']
const TOKEN = { accessToken: 'access-plain-text', refreshToken: 'refresh-plain-text', renewAt: 1_000, expiresAt: 2_000 }

describeStores('Secrets among the stored values', (bench) => {
  const secretsWith = (...keys: string[]) => new EncryptedSecrets(new KeyRing(keys), bench.stores.storedSecrets)
  const webhooksWith = (...keys: string[]) => new WebhookSecrets(bench.stores.subscriptions, secretsWith(...keys))
  const tokenWith = (key: string, ...keys: string[]) =>
    new EncryptedTokenStore(key, bench.stores.tokens.of(key), secretsWith(...keys))
  const dump = async () => JSON.stringify(await bench.rows('storedValues'))
  const rowOf = async (key: string) => (await bench.rows('storedValues', { key }))[0]

  it('are listed by their keys and replaced only while they are as expected', async () => {
    const { storedSecrets } = bench.stores
    const keys = [`meetup-token:${newId('a')}`, `webhook-secret:${newId('a')}`]
    const values = [{ accessToken: 'x', renewAt: 1 }, 'clear']
    for (const [index, key] of keys.entries()) {
      await bench.insert('storedValues', { key, value: values[index], updatedAt: NOW })
    }
    await bench.insert('storedValues', { key: newId('other'), value: 'no secret', updatedAt: NOW })
    const listed = (await storedSecrets.list()).filter(({ key }) => keys.includes(key))
    expect(listed).toEqual(keys.map((key, index) => ({ key, value: values[index] })))
    expect((await storedSecrets.list()).some(({ value }) => value === 'no secret')).toBe(false)
    const [token = '', secret = ''] = keys
    expect(await storedSecrets.replace(token, { renewAt: 1, accessToken: 'x' }, { encrypted: 'a' })).toBe(true)
    expect(await storedSecrets.replace(token, { renewAt: 1, accessToken: 'x' }, { encrypted: 'b' })).toBe(false)
    expect(await storedSecrets.replace(secret, 'clear', { encrypted: 'c' })).toBe(true)
    expect((await rowOf(token))?.value).toEqual({ encrypted: 'a' })
    await bench.change('storedValues', { key: token }, { value: 'a' })
    await bench.change('storedValues', { key: secret }, { value: 'b' })
  })

  it('are stored encrypted and read again', async () => {
    const [id, key] = [newId('con'), `meetup-token:${newId('a')}`]
    await webhooksWith(OLD).save(id, 'whsec_plain-text')
    await tokenWith(key, OLD).save(TOKEN)
    expect(await dump()).not.toMatch(/plain-text/)
    expect(await webhooksWith(OLD).load([id])).toEqual(new Map([[id, 'whsec_plain-text']]))
    expect(await tokenWith(key, OLD).load()).toEqual(TOKEN)
  })

  it('are encrypted when first read where an earlier version stored them in clear', async () => {
    const [id, key] = [newId('con'), `meetup-token:${newId('a')}`]
    await bench.insert('storedValues', { key: `webhook-secret:${id}`, value: 'whsec_plain-text', updatedAt: NOW })
    await bench.insert('storedValues', { key, value: TOKEN, updatedAt: NOW })
    expect(await dump()).toMatch(/plain-text/)
    for (let reading = 0; reading < 2; reading++) {
      expect(await webhooksWith(OLD).load([id])).toEqual(new Map([[id, 'whsec_plain-text']]))
      expect(await tokenWith(key, OLD).load()).toEqual(TOKEN)
      expect(await dump()).not.toMatch(/plain-text/)
    }
  })

  it('are readable with the newest key alone after a rotation, which changes nothing when repeated', async () => {
    const [id, clear, key] = [newId('con'), newId('con'), `meetup-token:${newId('a')}`]
    await secretsWith(OLD).rotate()
    await webhooksWith(OLD).save(id, 'whsec_plain-text')
    await bench.insert('storedValues', { key: `webhook-secret:${clear}`, value: 'whsec_clear', updatedAt: NOW })
    await tokenWith(key, OLD).save(TOKEN)
    expect(await secretsWith(NEW, OLD).rotate()).toBeGreaterThanOrEqual(3)
    const before = await dump()
    expect(await secretsWith(NEW, OLD).rotate()).toBe(0)
    expect(await dump()).toBe(before)
    const loaded = await webhooksWith(NEW).load([id, clear])
    expect([loaded.get(id), loaded.get(clear)]).toEqual(['whsec_plain-text', 'whsec_clear'])
    expect(await tokenWith(key, NEW).load()).toEqual(TOKEN)
    await expect(secretsWith(OLD).rotate()).rejects.toThrow(NotDecryptable)
    await secretsWith(OLD, NEW).rotate()
  })

  it('cannot be read with another key, and keep no others from being read', async () => {
    const [lost, id, key] = [newId('con'), newId('con'), `meetup-token:${newId('a')}`]
    await webhooksWith(NEW).save(lost, 'one')
    await webhooksWith(OLD).save(id, 'two')
    await tokenWith(key, NEW).save(TOKEN)
    expect(await webhooksWith(OLD).load([lost, id])).toEqual(new Map([[id, 'two']]))
    expect(await tokenWith(key, OLD).load()).toBeNull()
    await secretsWith(NEW, OLD).rotate()
    await secretsWith(OLD, NEW).rotate()
  })

  it('are not stored without a key: a token is then known to its process only', async () => {
    const key = `meetup-token:${newId('a')}`
    const process = tokenWith(key)
    await process.save(TOKEN)
    expect(await process.load()).toEqual(TOKEN)
    expect(await rowOf(key)).toBeUndefined()
    await expect(webhooksWith().save(newId('con'), 'whsec')).rejects.toThrow(NotDecryptable)
  })
})
