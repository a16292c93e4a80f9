import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { StoredToken } from '../../../../src/platforms/meetup/access/token-store.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const token = (accessToken: string, refreshToken: string | null = 'refresh'): StoredToken => ({
  accessToken,
  refreshToken,
  renewAt: 1_000,
  expiresAt: 2_000,
})

describeStores('The stores of tokens', (bench) => {
  const open = (key = newId('token')) => bench.stores.tokens.of(key)

  it('keep the last token of each account', async () => {
    const key = newId('token')
    const [store, other] = [open(key), open()]
    expect(await store.load()).toBeNull()
    await store.save(token('first'))
    await store.save(token('second', null))
    expect(await open(key).load()).toEqual(token('second', null))
    expect(await other.load()).toBeNull()
  })

  it('erase the token of one account', async () => {
    const key = newId('token')
    const [store, other] = [open(key), open()]
    for (const one of [store, other]) await one.save(token('kept'))
    await store.erase()
    await store.erase()
    expect(await open(key).load()).toBeNull()
    expect(await other.load()).toEqual(token('kept'))
  })

  it('run one refresh of an account at a time, those of other accounts independently', async () => {
    const key = newId('token')
    const steps: string[] = []
    let [start, finish] = [() => {}, () => {}]
    const started = new Promise<void>((resolve) => (start = resolve))
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const first = open(key).exclusive(async () => {
      start()
      await finished
      steps.push('first')
    })
    await started
    const second = open(key).exclusive(async () => void steps.push('second'))
    expect(await open().exclusive(async () => 'other')).toBe('other')
    expect(steps).toEqual([])
    finish()
    await Promise.all([first, second])
    expect(steps).toEqual(['first', 'second'])
  })

  it('commit a token at once: others see it before the refresh ends, and keep it when it fails', async () => {
    const key = newId('token')
    const refresh = open(key).exclusive(async () => {
      await open(key).save(token('new'))
      expect(await open(key).load()).toEqual(token('new'))
      throw new Error('the refresh failed')
    })
    await expect(refresh).rejects.toThrow('the refresh failed')
    expect(await open(key).load()).toEqual(token('new'))
    expect(await open(key).exclusive(async () => 'free')).toBe('free')
  })
})

describeStores('The count of channels', (bench) => {
  it('includes detached channels and those of past events', async () => {
    const { channelCount } = bench.stores
    expect(await channelCount.total()).toBe(0)
    const event = eventRow({ startsAt: new Date('2020-01-01T00:00:00.000Z') })
    await bench.insert('events', event)
    await bench.insert('channels', channelRow(event.id))
    await bench.insert('channels', channelRow(event.id, { detachedAt: new Date() }))
    expect(await channelCount.total()).toBe(2)
  })
})
