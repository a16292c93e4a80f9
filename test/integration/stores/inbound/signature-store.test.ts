import { expect, it } from 'vitest'
import { signatureKey } from '../../../../src/inbound/subscriptions/stored-keys.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'

const FIRST = new Date('2026-11-20T12:00:00.000Z')
const LAST = new Date('2026-11-20T12:00:05.000Z')

describeStores('The store of refused signatures', (bench) => {
  const valueOf = async (key: string) => (await bench.rows('storedValues', { key }))[0]?.value

  it('adds to the count of one connection and keeps when it started', async () => {
    const { signatures } = bench.stores
    await signatures.add('con_1', 2, FIRST)
    await signatures.add('con_2', 1, FIRST)
    await signatures.add('con_1', 3, LAST)
    const firstAt = FIRST.toISOString()
    expect(await valueOf(signatureKey('con_1'))).toEqual({ count: 5, firstAt, lastAt: LAST.toISOString() })
    expect(await valueOf(signatureKey('con_2'))).toEqual({ count: 1, firstAt, lastAt: firstAt })
  })

  it('lists the counts of these connections', async () => {
    const { signatures } = bench.stores
    const ids = ['con_1', 'con_2', 'con_3']
    for (const id of ids) await signatures.clear(id)
    expect(await signatures.counts(ids)).toEqual(new Map())
    await signatures.add('con_1', 2, FIRST)
    await signatures.add('con_1', 1, LAST)
    const count = { count: 3, firstAt: FIRST.toISOString(), lastAt: LAST.toISOString() }
    expect(await signatures.counts(ids)).toEqual(new Map([['con_1', count]]))
    expect(await signatures.counts(['con_2'])).toEqual(new Map())
  })

  it('ends the count of one connection', async () => {
    const { signatures } = bench.stores
    await signatures.add('con_3', 1, FIRST)
    await signatures.add('con_1', 1, FIRST)
    await signatures.clear('con_1')
    await signatures.clear('con_1')
    expect(await valueOf(signatureKey('con_1'))).toBeUndefined()
    expect(await valueOf(signatureKey('con_3'))).toMatchObject({ count: 1 })
    await signatures.add('con_1', 1, LAST)
    const at = LAST.toISOString()
    expect(await valueOf(signatureKey('con_1'))).toEqual({ count: 1, firstAt: at, lastAt: at })
  })
})
