import type { CallContext, Outcome } from '../../port.js'
import { decodeResponse, type ApiResponse, type ApiCall, type EventbriteClient } from './client.js'
import { isObject, type JsonObject, requireArray } from '../../kit/response-shape.js'
import { decode, ok } from '../../kit/outcomes.js'
import { optionalText } from './contract.js'

export interface Page<T> {
  items: T[]
  /** The platform's count over all pages; null where not reported. */
  count: number | null
  more: boolean
  /** Absent on the last page, and sometimes on others; then pages are requested by number. */
  continuation: string | null
}

/** Reads one page of the array `name`; a missing field becomes REJECTED with code CONTRACT. */
export function readPage<T>(
  response: Outcome<ApiResponse>,
  name: string,
  read: (item: unknown) => T,
): Outcome<Page<T>> {
  const page = decodeResponse(response, (body) => {
    const pagination: JsonObject = isObject(body.pagination) ? body.pagination : {}
    const { object_count: count, has_more_items: more, page_number: number, page_count: pages } = pagination
    const moreByNumber = typeof number === 'number' && typeof pages === 'number' && number < pages
    return {
      items: requireArray(body[name], name).map(read),
      count: typeof count === 'number' && Number.isSafeInteger(count) ? count : null,
      more: typeof more === 'boolean' ? more : moreByNumber,
      continuation: optionalText(pagination, 'continuation'),
    }
  })
  return page.kind === 'OK' ? ok(page.value.value) : page
}

/** The rows that could be read, and the others each with a reason. */
export interface Readable<T> {
  rows: T[]
  unreadable: { row: unknown; reason: string }[]
}

/** Reads rows one at a time, so that an unreadable one does not affect the others. */
export function readRows<T>(items: readonly unknown[], read: (item: unknown) => T): Readable<T> {
  const found: Readable<T> = { rows: [], unreadable: [] }
  for (const row of items) {
    const decoded = decode(() => read(row))
    if (decoded.kind === 'OK') found.rows.push(decoded.value)
    else found.unreadable.push({ row, reason: decoded.message })
  }
  return found
}

const MAX_PAGES = 40

/** Reads all pages of a list that is short by nature: 1 call per 50 items. More than 40 pages is UNAVAILABLE. */
export async function readAll<T>(
  client: EventbriteClient,
  call: ApiCall,
  name: string,
  read: (item: unknown) => T,
  context: CallContext,
): Promise<Outcome<T[]>> {
  const found: T[] = []
  let position: Record<string, string> = {}
  const unavailable = (reason: string) => ({ kind: 'UNAVAILABLE', reason: `${call.operation}: ${reason}` }) as const
  for (let number = 1; number <= MAX_PAGES; number++) {
    const response = await client.get({ ...call, query: { ...call.query, ...position } }, context)
    const page = readPage(response, name, read)
    if (page.kind !== 'OK') return page
    found.push(...page.value.items)
    if (!page.value.more) return ok(found)
    const { continuation } = page.value
    if (page.value.items.length === 0) return unavailable(`page ${number} is empty but is not the last`)
    position = continuation === null ? { page: String(number + 1) } : { continuation }
  }
  return unavailable(`more than ${MAX_PAGES} pages`)
}
