import { expect, it } from 'vitest'
import { signatureKey } from '../../../../src/inbound/subscriptions/stored-keys.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'

const FIRST = new Date('2026-11-20T12:00:00.000Z')
const LAST = new Date('2026-11-20T12:00:05.000Z')

describeStores('The store of refused signatures', (bench) => {
  const valueOf = async (key: string) => (await bench.rows('storedValues', { key }))[0]?.value

  it('adds to the count of one platform and keeps when it started', async () => {
    const { signatures } = bench.stores
    await signatures.add('LUMA', 2, FIRST)
    await signatures.add('EVENTBRITE', 1, FIRST)
    await signatures.add('LUMA', 3, LAST)
    const firstAt = FIRST.toISOString()
    expect(await valueOf(signatureKey('LUMA'))).toEqual({ count: 5, firstAt, lastAt: LAST.toISOString() })
    expect(await valueOf(signatureKey('EVENTBRITE'))).toEqual({ count: 1, firstAt, lastAt: firstAt })
  })

  it('lists the counts by platform', async () => {
    const { signatures } = bench.stores
    for (const platform of ['LUMA', 'EVENTBRITE', 'MEETUP'] as const) await signatures.clear(platform)
    expect(await signatures.counts()).toEqual(new Map())
    await signatures.add('LUMA', 2, FIRST)
    await signatures.add('LUMA', 1, LAST)
    const count = { count: 3, firstAt: FIRST.toISOString(), lastAt: LAST.toISOString() }
    expect(await signatures.counts()).toEqual(new Map([['LUMA', count]]))
  })

  it('ends the count of one platform', async () => {
    const { signatures } = bench.stores
    await signatures.add('MEETUP', 1, FIRST)
    await signatures.add('LUMA', 1, FIRST)
    await signatures.clear('LUMA')
    await signatures.clear('LUMA')
    expect(await valueOf(signatureKey('LUMA'))).toBeUndefined()
    expect(await valueOf(signatureKey('MEETUP'))).toMatchObject({ count: 1 })
    await signatures.add('LUMA', 1, LAST)
    const at = LAST.toISOString()
    expect(await valueOf(signatureKey('LUMA'))).toEqual({ count: 1, firstAt: at, lastAt: at })
  })
})
