import { expect, it } from 'vitest'
import type { NewConnection } from '../../../../src/connections/connection-store.js'
import { API_PLATFORMS } from '../../../../src/domain/channel.js'
import { environmentConnectionId } from '../../../../src/domain/connection-record.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const CHECK = { state: 'READY', detail: null, accountId: '7', accountName: 'Ann', checkedAt: NOW } as const

function connection(change: Partial<NewConnection> = {}): NewConnection {
  const credentials = new Uint8Array([1, 0, 255])
  return { id: newId('con'), platform: 'EVENTBRITE', label: 'Second', fingerprint: 'abc', credentials, ...change }
}

describeStores('The connection store', (bench) => {
  const store = () => bench.stores.connections
  const add = (change: Partial<NewConnection> = {}) => store().create(null, connection(change))
  const remove = (id: string) => bench.stores.transactions.run((transaction) => store().remove(transaction, id, NOW))
  const lockUsable = (id: string) => bench.stores.transactions.run((transaction) => store().lockUsable(transaction, id))
  const use = async (connectionId: string, change: { detachedAt?: Date } = {}, event = eventRow()) => {
    await bench.insert('events', event)
    await bench.insert('channels', channelRow(event.id, { connectionId, ...change }))
  }

  it('has the connection of the environment of each platform from the beginning', async () => {
    const rows = (await store().list()).filter(({ fromEnvironment }) => fromEnvironment)
    expect(new Map(rows.map(({ id, platform }) => [id, platform]))).toEqual(
      new Map(API_PLATFORMS.map((platform) => [environmentConnectionId(platform), platform])),
    )
    expect(rows.every(({ credentials, state }) => credentials === null && state === 'UNCHECKED')).toBe(true)
  })

  it('finds a connection as it was added, unchecked', async () => {
    const added = connection()
    const created = await store().create(null, added)
    const { credentials, ...rest } = added
    const defaults = { fromEnvironment: false, state: 'UNCHECKED', checkedAt: null, detail: null, version: 1 }
    expect(created).toMatchObject({ ...rest, ...defaults, accountId: null, accountName: null, removedAt: null })
    const found = await store().find(added.id)
    expect([...(found?.credentials ?? [])]).toEqual([...credentials])
    expect(found).toMatchObject({ ...rest, ...defaults })
    expect(await store().find(newId('con'))).toBeNull()
    expect((await store().list()).some(({ id }) => id === added.id)).toBe(true)
  })

  it('counts changes of label and credentials in the version, and no check', async () => {
    const { id } = await add()
    const encrypted = new Uint8Array([9])
    expect(await store().change(null, id, { label: 'Other' })).toMatchObject({ label: 'Other', version: 2 })
    const changed = await store().change(null, id, { credentials: { encrypted, fingerprint: 'def' } })
    expect(changed).toMatchObject({ label: 'Other', fingerprint: 'def', version: 3 })
    await store().recordCheck(id, CHECK)
    expect(await store().find(id)).toMatchObject({ ...CHECK, version: 3 })
    expect((await store().versions()).get(id)).toBe(3)
    expect(await store().change(null, newId('con'), { label: 'x' })).toBeNull()
  })

  it('replaces ciphertext only while it is the expected one', async () => {
    const { id } = await add()
    const [before, after] = [new Uint8Array([1, 0, 255]), new Uint8Array([5])]
    expect(await store().reencrypt(id, before, after)).toBe(true)
    expect(await store().reencrypt(id, before, new Uint8Array([6]))).toBe(false)
    expect([...((await store().find(id))?.credentials ?? [])]).toEqual([5])
    expect((await store().versions()).get(id)).toBe(1)
  })

  it('forgets the check of the environment when its credentials are others', async () => {
    const id = environmentConnectionId('LUMA')
    await store().refreshEnvironment(id, 'one')
    await store().recordCheck(id, CHECK)
    await store().refreshEnvironment(id, 'one')
    expect(await store().find(id)).toMatchObject({ fingerprint: 'one', ...CHECK })
    await store().refreshEnvironment(id, null)
    expect(await store().find(id)).toMatchObject({ fingerprint: null, state: 'UNCHECKED', accountName: null })
    const { id: added } = await add()
    await store().refreshEnvironment(added, 'other')
    expect(await store().find(added)).toMatchObject({ fingerprint: 'abc' })
  })

  it('removes a connection that no live channel names, with its credentials', async () => {
    const [used, unused] = [await add(), await add()]
    await use(used.id)
    await use(unused.id, { detachedAt: NOW })
    await use(unused.id, {}, eventRow({ startsAt: new Date(NOW.getTime() - 30 * 86_400_000) }))
    expect((await store().liveChannels(NOW)).get(used.id)).toBe(1)
    expect((await store().liveChannels(NOW)).has(unused.id)).toBe(false)
    expect(await remove(used.id)).toBe('IN_USE')
    expect(await remove(unused.id)).toBe('REMOVED')
    expect(await remove(unused.id)).toBe('UNKNOWN')
    expect(await remove(newId('con'))).toBe('UNKNOWN')
    expect(await remove(environmentConnectionId('MEETUP'))).toBe('UNKNOWN')
    expect(await store().find(unused.id)).toMatchObject({ removedAt: NOW, credentials: null, fingerprint: null })
    expect((await store().versions()).has(unused.id)).toBe(false)
    expect((await store().list()).some(({ id }) => id === unused.id)).toBe(false)
    expect(await store().change(null, unused.id, { label: 'x' })).toBeNull()
  })

  it('is not removed while a transaction is about to use it', async () => {
    const { id } = await add()
    const events: string[] = []
    let removing: Promise<unknown> = Promise.resolve()
    await bench.stores.transactions.run(async (transaction) => {
      expect(await store().lockUsable(transaction, id)).toBe(true)
      removing = remove(id).then((result) => events.push(result))
      await bench.stores.connections.find(id)
      events.push('used')
    })
    await removing
    expect(events).toEqual(['used', 'REMOVED'])
    expect(await lockUsable(id)).toBe(false)
    expect(await lockUsable(newId('con'))).toBe(false)
  })
})
