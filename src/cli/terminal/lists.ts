import { InvalidArgumentError, Option } from 'commander'
import type { Page, PageQuery } from '../../infrastructure/http/requests/pagination.js'

const MAX_ITEMS = 10_000
const PAGE_SIZE = 100

/** `--limit N`, 100 by default. */
export function limitOption(): Option {
  return new Option('--limit <n>', `maximum number of items, 1 to ${MAX_ITEMS}`).default(100).argParser((text) => {
    const limit = Number(text)
    if (/^\d{1,5}$/.test(text) && limit >= 1 && limit <= MAX_ITEMS) return limit
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_ITEMS}.`)
  })
}

/** Up to `limit` items, read page by page. */
export async function pagesOf<T>(limit: number, read: (query: PageQuery) => Promise<Page<T>>): Promise<Page<T>> {
  const items: T[] = []
  let nextCursor: string | null = null
  do {
    const cursor: { cursor?: string } = nextCursor === null ? {} : { cursor: nextCursor }
    const page: Page<T> = await read({ limit: Math.min(PAGE_SIZE, limit - items.length), ...cursor })
    items.push(...page.items)
    nextCursor = page.nextCursor
  } while (nextCursor !== null && items.length < limit)
  return { items, nextCursor }
}
