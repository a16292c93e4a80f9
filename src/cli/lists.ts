import { InvalidArgumentError, Option } from 'commander'
import type { Page, PageQuery } from '../infrastructure/http/pagination.js'

const MAX = 10_000
const PAGE = 100

/** `--limit N`, 100 by default. */
export function limitOption(): Option {
  return new Option('--limit <n>', `at most so many, 1 to ${MAX}`).default(100).argParser((text) => {
    const limit = Number(text)
    if (/^\d{1,5}$/.test(text) && limit >= 1 && limit <= MAX) return limit
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX}.`)
  })
}

/** Up to `limit` items, read page by page. */
export async function pagesOf<T>(limit: number, read: (query: PageQuery) => Promise<Page<T>>): Promise<Page<T>> {
  const items: T[] = []
  let nextCursor: string | null = null
  do {
    const cursor: { cursor?: string } = nextCursor === null ? {} : { cursor: nextCursor }
    const page: Page<T> = await read({ limit: Math.min(PAGE, limit - items.length), ...cursor })
    items.push(...page.items)
    nextCursor = page.nextCursor
  } while (nextCursor !== null && items.length < limit)
  return { items, nextCursor }
}
