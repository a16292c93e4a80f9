import { describe, expect, it } from 'vitest'
import { maskedBody, maskedJob, withoutPersonalData } from './mask.js'

const masked = (value: unknown) => JSON.parse(maskedBody(Buffer.from(JSON.stringify(value))) ?? 'null') as unknown

describe('maskedJob', () => {
  it('masks bodies wherever they are, and personal fields', () => {
    const delivery = { deliveryId: 'd1', body: 'eyJhIjoxfQ==' }
    expect(maskedJob({ orderId: 'o1', payloadSnapshot: { buyer: { name: 'Ana', email: null } }, delivery })).toEqual({
      orderId: 'o1',
      payloadSnapshot: { buyer: { name: '[masked]', email: null } },
      delivery: { deliveryId: 'd1', body: '[masked]' },
    })
    expect(maskedJob({ mailId: 'mail_1' })).toEqual({ mailId: 'mail_1' })
    expect(maskedJob(undefined)).toBeNull()
  })
})

describe('maskedBody', () => {
  it('masks personal fields, and addresses in any text', () => {
    expect(masked({ first_name: 'Ana', note: 'to ana.b+c@mail.example.co.uk, or x@y', id: 7 })).toEqual({
      first_name: '[masked]',
      note: 'to [email], or x@y',
      id: 7,
    })
  })

  it('is applied to what is stored by leaving personal fields out', () => {
    const guest = {
      data: { id: 'gst-1', user_email: 'a@b.example', user_name: 'Ana', note: 'a@b.example', event: { id: 'e' } },
    }
    expect(JSON.parse(Buffer.from(withoutPersonalData(Buffer.from(JSON.stringify(guest)))).toString())).toEqual({
      data: { id: 'gst-1', note: '[email]', event: { id: 'e' } },
    })
    expect(withoutPersonalData(Buffer.from('a@b.example')).length).toBe(0)
  })

  it('needs time in proportion to the length of a text', () => {
    const started = performance.now()
    for (const part of ['a', 'a.', 'a@', '@a.', 'a-', '.@'])
      masked({ note: part.repeat(Math.floor(1_000_000 / part.length)) })
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
