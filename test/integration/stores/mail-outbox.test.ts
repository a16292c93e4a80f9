import { expect, it } from 'vitest'
import type { MailToSend } from '../../../src/infrastructure/mail/mail-outbox.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { ERASED } from '../../../src/infrastructure/text/erased.js'
import { describeStores, eventRow } from '../../support/fixtures/store-bench.js'

describeStores('The mail outbox', (bench) => {
  const mail = (): MailToSend => {
    const recipient = `${newId('ada')}@example.com`
    return { kind: 'OFFER', about: newId('wle'), recipient, subject: 'Tickets for you', text: 'Hello Ada,\n' }
  }
  const stored = ({ recipient }: MailToSend) => bench.rows('mails', { recipient })

  it('stores mails to be sent', async () => {
    const [one, two] = [mail(), mail()]
    await bench.stores.mailOutbox.put(null, [])
    await bench.stores.mailOutbox.put(null, [one, two])
    for (const put of [one, two]) {
      expect(await stored(put)).toMatchObject([{ ...put, createdAt: expect.any(Date), sentAt: null, failedAt: null }])
    }
  })

  it('stores them with the transaction that causes them', async () => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    const { ledger, mailOutbox } = bench.stores
    const [kept, dropped] = [mail(), mail()]
    await ledger.locked(event.id, async (transaction) => {
      await mailOutbox.put(transaction, [kept])
      expect(await stored(kept)).toEqual([])
    })
    const failed = ledger.locked(event.id, async (transaction) => {
      await mailOutbox.put(transaction, [dropped])
      throw new Error('rolled back')
    })
    await expect(failed).rejects.toThrow('rolled back')
    expect(await stored(kept)).toHaveLength(1)
    expect(await stored(dropped)).toEqual([])
  })

  it('leaves out mails to an erased address', async () => {
    const erased = { ...mail(), recipient: ERASED }
    await bench.stores.mailOutbox.put(null, [erased])
    expect(await stored(erased)).toEqual([])
  })
})
