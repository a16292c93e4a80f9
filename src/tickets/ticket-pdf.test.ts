import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPdf } from '../../test/support/files/pdf-reader.js'
import { MAX_PRINTED, ticketPdf, type PrintedTicket } from './ticket-pdf.js'
import { qrModules } from './ticket-qr-codes.js'

const EVENT = {
  name: 'Frühlingskonzert',
  venue: 'Haus der Kulturen',
  startsAt: new Date('2030-01-01T18:00:00Z'),
  timezone: 'Europe/Berlin',
}
const NOW = new Date('2029-12-01T12:00:00Z')
const ticket = (fields: Partial<PrintedTicket> = {}): PrintedTicket => {
  return { seat: null, code: 'Tz3-kq_9mWxY7bRv0LpA1cQe', holderName: 'Jane', ...fields }
}
const pagesOf = async (...tickets: PrintedTicket[]) => readPdf(await ticketPdf(EVENT, tickets, NOW))
const textOf = async (one: PrintedTicket) => (await pagesOf(one)).flatMap(({ texts }) => texts)
const lettersOf = (text: string) => [...text.normalize('NFC').replaceAll(/\s/g, '')].toSorted()

describe('A ticket as a PDF file', () => {
  it('has a page per ticket, with the event, the holder, the seat and the code', async () => {
    const pages = await pagesOf(ticket(), ticket({ seat: 'A-1-7', code: 'other', holderName: null }))
    expect(pages.map(({ texts }) => texts)).toEqual([
      [
        'Frühlingskonzert',
        'Tuesday, 1 January 2030 at 19:00 (Europe/Berlin)',
        'Haus der Kulturen',
        'Jane',
        'Ticket 1 of 2',
        'Tz3-kq_9mWxY7bRv0LpA1cQe',
      ],
      [
        'Frühlingskonzert',
        'Tuesday, 1 January 2030 at 19:00 (Europe/Berlin)',
        'Haus der Kulturen',
        'Seat A-1-7',
        'other',
      ],
    ])
  })

  it('has the QR code of each ticket', async () => {
    for (const one of [ticket(), ticket({ code: 'other' })]) {
      const [page] = await pagesOf(one)
      const rectangles = page?.rectangles ?? []
      const { size, isDark } = qrModules(one.code)
      const module = 150 / size
      const [left, top] = [0, 1].map((axis) => Math.min(...rectangles.map((rectangle) => rectangle[axis] ?? 0)))
      const dark = rectangles.flatMap(([x = 0, y = 0, width = 0]) => {
        const [column, row] = [(x - (left ?? 0)) / module, (y - (top ?? 0)) / module].map(Math.round)
        return Array.from({ length: Math.round(width / module) }, (_, step) => `${row} ${(column ?? 0) + step}`)
      })
      const expected = Array.from({ length: size * size }, (_, at) => [Math.floor(at / size), at % size] as const)
        .filter(([row, column]) => isDark(row, column))
        .map(([row, column]) => `${row} ${column}`)
      expect(dark.toSorted()).toEqual(expected.toSorted())
    }
  })

  it.each([
    'Łukasz Żółć',
    'Zoë O’Neil-Smith',
    'Владимир Путешественник',
    'Γιώργος Παπαδόπουλος',
    '名前 太郎',
    '王小明',
    '김철수',
    'محمد الأمين صالح',
    'יוסי כהן',
    'अनीता शर्मा',
    'นางสาว ใจดี',
    'தமிழ் செல்வன்',
    'ნინო',
    'Ֆրունզիկ',
    'አበበ በቂላ',
    'Jane 名前',
  ])('shows the name %s', async (holderName) => {
    const texts = await textOf(ticket({ holderName }))
    const from = texts.indexOf('Haus der Kulturen') + 1
    const shown = texts.slice(from, texts.indexOf('Ticket 1 of 1')).join('')
    // Ligatures are read as their characters; writing from right to left is drawn from the left.
    expect(lettersOf(shown)).toEqual(lettersOf(holderName))
    expect(texts).not.toContain('□: a character that this file cannot show')
  })

  it('shows where it cannot show a character', async () => {
    const texts = await textOf(ticket({ holderName: '\u{20BB7}野' }))
    expect(texts).toContain('□')
    expect(texts).toContain('□: a character that this file cannot show')
  })

  it('is made of any text', async () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        await ticketPdf({ ...EVENT, name: text }, [ticket({ holderName: text, seat: text })], NOW)
      }),
      { numRuns: 20 },
    )
  }, 30_000)

  it('has a bounded size, also with the largest number of tickets', async () => {
    const codes = Array.from({ length: MAX_PRINTED }, (_, index) => ticket({ code: `Tz3-kq_9mWxY7bRv0LpA${index}` }))
    expect((await ticketPdf(EVENT, codes.slice(0, 1), NOW)).length).toBeLessThan(30_000)
    expect((await ticketPdf(EVENT, codes, NOW)).length).toBeLessThan(300_000)
    await expect(ticketPdf(EVENT, [...codes, ticket()], NOW)).rejects.toThrow('101 tickets')
  }, 30_000)
})
