import type { CallContext, Outcome } from '../port.js'
import { decodeAnswer, type Answer, type Call, type EventbriteClient } from './client.js'
import { ContractViolation, isObject, optionalText, requireArray, type JsonObject } from './fields.js'
import { ok } from './outcomes.js'

export interface Page<T> {
  items: T[]
  /** What the platform counts over all pages; null where it does not tell. */
  count: number | null
  more: boolean
  /** Absent on a last or only page, and now and then elsewhere: then pages go by number. */
  continuation: string | null
}

/** Reads one page of the array `name`; what it lacks becomes REJECTED with code CONTRACT. */
export function readPage<T>(answer: Outcome<Answer>, name: string, read: (item: unknown) => T): Outcome<Page<T>> {
  const page = decodeAnswer(answer, (body) => {
    const pagination: JsonObject = isObject(body.pagination) ? body.pagination : {}
    const { object_count: count, has_more_items: more, page_number: number, page_count: pages } = pagination
    const counted = typeof number === 'number' && typeof pages === 'number' && number < pages
    return {
      items: requireArray(body[name], name).map(read),
      count: typeof count === 'number' && Number.isSafeInteger(count) ? count : null,
      more: typeof more === 'boolean' ? more : counted,
      continuation: optionalText(pagination, 'continuation'),
    }
  })
  return page.kind === 'OK' ? ok(page.value.value) : page
}

/** What could be read, and of each row that could not why. */
export interface Readable<T> {
  rows: T[]
  unreadable: { row: unknown; reason: string }[]
}

/** Reads rows one by one, so that a bad one keeps none of its neighbours back. */
export function readRows<T>(items: readonly unknown[], read: (item: unknown) => T): Readable<T> {
  const found: Readable<T> = { rows: [], unreadable: [] }
  for (const row of items) {
    try {
      found.rows.push(read(row))
    } catch (error) {
      if (!(error instanceof ContractViolation)) throw error
      found.unreadable.push({ row, reason: error.message })
    }
  }
  return found
}

/** No short list is read further than this. */
const MAX_PAGES = 40

/** Reads a list that is short by nature to its end: 1 call per 50 items. Longer than 40 pages is UNAVAILABLE. */
export async function readAll<T>(
  client: EventbriteClient,
  call: Call,
  name: string,
  read: (item: unknown) => T,
  context: CallContext,
): Promise<Outcome<T[]>> {
  const found: T[] = []
  let place: Record<string, string> = {}
  const stuck = (why: string) => ({ kind: 'UNAVAILABLE', reason: `${call.operation}: ${why}` }) as const
  for (let number = 1; number <= MAX_PAGES; number++) {
    const answer = await client.get({ ...call, query: { ...call.query, ...place } }, context)
    const page = readPage(answer, name, read)
    if (page.kind !== 'OK') return page
    found.push(...page.value.items)
    if (!page.value.more) return ok(found)
    const { continuation } = page.value
    if (page.value.items.length === 0) return stuck(`page ${number} is empty and says that there is more`)
    place = continuation === null ? { page: String(number + 1) } : { continuation }
  }
  return stuck(`more than ${MAX_PAGES} pages`)
}
