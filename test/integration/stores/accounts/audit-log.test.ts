import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-11-20T12:00:00.000Z')

describeStores('The audit log', (bench) => {
  const entry = (subject: string) => ({
    actorId: 'usr_1',
    action: 'event.pause',
    subject,
    before: null,
    after: null,
    at: AT,
  })

  it('appends entries, with states as JSON stores them', async () => {
    const subject = newId('evt')
    const after = { startsAt: AT, name: undefined, channels: [{ weight: 1 }], endsAt: null }
    await bench.stores.auditLog.append(null, { ...entry(subject), before: { frozen: false }, after })
    await bench.stores.auditLog.append(null, { ...entry(subject), actorId: null, action: 'event.resume' })
    const stored = { startsAt: AT.toISOString(), channels: [{ weight: 1 }], endsAt: null }
    const id = expect.any(BigInt) as bigint
    expect(await bench.rows('auditEntries', { subject })).toEqual([
      { ...entry(subject), id, before: { frozen: false }, after: stored },
      { ...entry(subject), id, actorId: null, action: 'event.resume' },
    ])
  })

  it('keeps an entry only if the transaction of the change commits', async () => {
    const [kept, lost] = [newId('evt'), newId('evt')]
    const { auditLog, transactions } = bench.stores
    await transactions.run((transaction) => auditLog.append(transaction, entry(kept)))
    const failing = transactions.run(async (transaction) => {
      await auditLog.append(transaction, entry(lost))
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    expect(await bench.rows('auditEntries', { subject: kept })).toHaveLength(1)
    expect(await bench.rows('auditEntries', { subject: lost })).toEqual([])
  })
})
