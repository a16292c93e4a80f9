import { stringify } from 'csv-stringify/sync'

/**
 * Comma-separated values (RFC 4180) of these columns: a line of their names, then one line per row. Each text is one batch.
 * Cells are text, numbers or dates (ISO 8601); null is an empty cell.
 */
export async function* csvOf<Column extends string>(
  columns: readonly Column[],
  batches: AsyncIterable<Record<Column, Cell>[]>,
): AsyncGenerator<string> {
  yield stringify([columns], FORMAT)
  for await (const rows of batches) yield stringify(rows, { ...FORMAT, columns })
}

type Cell = string | number | bigint | Date | null

const FORMAT = {
  record_delimiter: 'windows',
  // Otherwise off with an explicit delimiter: a cell with a lone line feed would break its row.
  quote_record_delimiter: true,
  // Spreadsheets of many countries separate cells by semicolons.
  quoted_match: ';',
  cast: { string: withoutFormula, date: (date: Date) => date.toISOString() },
} as const

/** What a spreadsheet may take for the end of a cell: quotes do not prevent it where its separator is another one. */
const SEPARATORS = new Set([';', ',', '\t', '\n', '\r'])
const FORMULA_STARTS = new Set(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
const CAN_PRECEDE_FORMULA = /[\s"']/

/**
 * Inserts an apostrophe where a spreadsheet would run text as a formula: at its start, and behind what may separate cells
 * there. Stricter than the library's `escape_formulas`, which does not recognize formulas after leading spaces or quotes.
 * In one pass, since a text may be long.
 */
function withoutFormula(text: string): string {
  let disarmed = /^[\t\r]/.test(text) ? "'" : ''
  let cellStart = disarmed === '' ? 0 : null
  let copied = 0
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index)
    if (cellStart !== null && FORMULA_STARTS.has(character)) {
      disarmed += `${text.slice(copied, cellStart)}'`
      copied = cellStart
      cellStart = null
    } else if (SEPARATORS.has(character)) {
      cellStart = index + 1
    } else if (!CAN_PRECEDE_FORMULA.test(character)) {
      cellStart = null
    }
  }
  return disarmed + text.slice(copied)
}
