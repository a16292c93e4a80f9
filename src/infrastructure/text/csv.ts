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
  cast: { string: withoutFormula, date: (date: Date) => date.toISOString() },
} as const

/**
 * Prefixes text that a spreadsheet would run as a formula with an apostrophe. Stricter than the library's
 * `escape_formulas`, which does not recognize formulas after leading spaces or quotes.
 */
function withoutFormula(text: string): string {
  return /^[\s"']*[=+\-@＝＋－＠\t\r]/.test(text) ? `'${text}` : text
}
