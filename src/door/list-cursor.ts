import { ValidationFailed } from '../domain/errors.js'
import { parseJson } from '../infrastructure/text/parse-json.js'

/** Cursors of lists that are not sorted by id: the texts after which the page starts. */
export function writeListCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** Null on the first page. Throws ValidationFailed on `cursor` for anything but a cursor of `length` texts. */
export function readListCursor(cursor: string | undefined, length: number): string[] | null {
  if (cursor === undefined) return null
  const position = parseJson(Buffer.from(cursor, 'base64url'))
  const isPosition = Array.isArray(position) && position.length === length && position.every(isStorable)
  if (!isPosition || writeListCursor(position as string[]) !== cursor) {
    throw ValidationFailed.of('cursor', 'is not a cursor of this list')
  }
  return position as string[]
}

function isStorable(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\u0000')
}
