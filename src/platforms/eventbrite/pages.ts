import type { CallContext, Outcome } from '../port.js'
import { decodeAnswer, type Answer, type Call, type EventbriteClient } from './client.js'
import { isObject, optionalText, requireArray, type JsonObject } from './fields.js'
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

/** No short list is read further than this. */
const MOST_PAGES = 40

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
  for (let number = 1; number <= MOST_PAGES; number++) {
    const answer = await client.get({ ...call, query: { ...call.query, ...place } }, context)
    const page = readPage(answer, name, read)
    if (page.kind !== 'OK') return page
    found.push(...page.value.items)
    if (!page.value.more) return ok(found)
    const { continuation } = page.value
    place = continuation === null ? { page: String(number + 1) } : { continuation }
  }
  return { kind: 'UNAVAILABLE', reason: `${call.operation}: more than ${MOST_PAGES} pages` }
}
