import { buffer } from 'node:stream/consumers'
import { setImmediate as macrotask } from 'node:timers/promises'
import { PDFDocument } from 'pdfkit'
import { localTime, type EventPlace } from '../domain/events/event-line.js'
import { fontRuns, registerFonts, REPLACEMENT } from '../infrastructure/pdf/font-runs.js'
import { PdfColumn, type TextBlock } from '../infrastructure/pdf/pdf-text.js'
import { qrModules } from './ticket-qr-codes.js'

export interface PrintedTicket {
  seat: string | null
  code: string
  /** Null: it was erased. */
  holderName: string | null
}

/** Pages of one file: more would be refused by mail servers, and take the time of other mails. */
export const MAX_PRINTED = 100

const MARGIN = 28
const QR_SIZE = 150
const GAP = 8

/** A file with one page per ticket, for a phone or a printer. `tickets`: at most MAX_PRINTED; `now`: when it is made. */
export async function ticketPdf(event: EventPlace, tickets: readonly PrintedTicket[], now: Date): Promise<Buffer> {
  if (tickets.length > MAX_PRINTED) throw new Error(`${tickets.length} tickets do not fit into one file`)
  const document = new PDFDocument({
    font: null,
    size: 'A6',
    margin: 0,
    autoFirstPage: false,
    lang: 'en',
    displayTitle: true,
    info: { Title: `Tickets for ${event.name}`, CreationDate: now },
  })
  registerFonts(document)
  const written = buffer(document)
  for (const [index, ticket] of tickets.entries()) {
    writePage(document.addPage(), event, ticket, `Ticket ${index + 1} of ${tickets.length}`)
    // Others have their turn: a page takes milliseconds.
    await macrotask()
  }
  document.end()
  return written
}

function writePage(document: PDFDocument, event: EventPlace, { seat, code, holderName }: PrintedTicket, place: string) {
  const { width, height } = document.page
  const column = new PdfColumn(document, MARGIN, MARGIN, width - 2 * MARGIN)
  const blocks: TextBlock[] = [
    { text: event.name, size: 16, maxLines: 3 },
    { text: localTime(event.startsAt, event.timezone), size: 9, maxLines: 2 },
    ...(event.venue === null ? [] : [{ text: event.venue, size: 9, maxLines: 2 }]),
    ...(holderName === null ? [] : [{ text: holderName, size: 13, maxLines: 2 }]),
    { text: seat === null ? place : `Seat ${seat}`, size: 11, maxLines: 1 },
  ]
  for (const block of blocks) {
    column.write(block)
    column.y += GAP / 2
  }
  column.y = Math.max(column.y + GAP, height - MARGIN - QR_SIZE - 40)
  drawQrCode(document, code, MARGIN, column.y)
  column.y += QR_SIZE + GAP
  column.write({ text: code, size: 9, maxLines: 1 })
  if (blocks.some(({ text }) => isIncomplete(text)))
    column.write({ text: `${REPLACEMENT}: a character that this file cannot show`, size: 7, maxLines: 1 })
}

function isIncomplete(text: string): boolean {
  return !text.includes(REPLACEMENT) && fontRuns(text).some((run) => run.text.includes(REPLACEMENT))
}

/** Dark modules of a row that are next to each other are one rectangle: no hairlines between them. */
function drawQrCode(document: PDFDocument, code: string, left: number, top: number): void {
  const { size, isDark } = qrModules(code)
  const module = QR_SIZE / size
  for (let row = 0; row < size; row++) {
    for (let from = 0; from < size; from++) {
      let to = from
      while (to < size && isDark(row, to)) to++
      if (to > from) document.rect(left + from * module, top + row * module, (to - from) * module, module)
      from = to
    }
  }
  document.fill()
}
