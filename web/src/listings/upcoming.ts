import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { get } from '../api/client'
import { keys } from '../api/queries'
import { isSameListing, type Connection, type Listed } from './choice'

/** Each read costs calls of the account's rate limit. */
const FRESH_MS = 60_000

interface Page {
  connection: Connection
  cursor: string | null
}

const keyOf = ({ connection, cursor }: Page) => `${connection.id} ${cursor}`

/** What accounts have ahead of them, as far as it was read. */
export interface Upcoming {
  /** The next first, each once. */
  items: readonly Listed[]
  failures: readonly { connection: Connection; error: Error; retry: () => void }[]
  isReading: boolean
  /** Undefined: there is no more. */
  readMore: (() => void) | undefined
}

/** `q`: part of the name; empty: all. */
export function useUpcoming(connections: readonly Connection[], q: string): Upcoming {
  const [further, setFurther] = useState<{ q: string; pages: readonly Page[] }>({ q, pages: [] })
  const first = connections.map((connection): Page => ({ connection, cursor: null }))
  const pages = further.q === q ? [...first, ...further.pages] : first
  const queries = useQueries({
    queries: pages.map(({ connection: { id }, cursor }) => ({
      queryKey: keys.listings(id, q, cursor),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get('/api/v1/connections/{id}/listings', {
          path: { id },
          query: { limit: 20, ...(q && { q }), ...(cursor !== null && { cursor }) },
          signal,
        }),
      staleTime: FRESH_MS,
      refetchOnWindowFocus: false,
      retry: false,
    })),
  })
  const read = pages.map((page, index) => ({ ...page, query: queries[index] }))
  const known = new Set(pages.map(keyOf))
  const next = read.flatMap(({ connection, query }): Page[] => {
    const page = { connection, cursor: query?.data?.nextCursor ?? null }
    return page.cursor === null || known.has(keyOf(page)) ? [] : [page]
  })
  return {
    items: inOrder(
      read.flatMap(({ connection, query }) =>
        (query?.data?.items ?? []).map((listing) => ({ connection, listing, readAt: query?.dataUpdatedAt ?? 0 })),
      ),
    ),
    failures: read.flatMap(({ connection, query }) =>
      query?.error ? [{ connection, error: query.error, retry: () => void query.refetch() }] : [],
    ),
    isReading: queries.some(({ isFetching }) => isFetching),
    readMore: next.length > 0 ? () => setFurther({ q, pages: [...pages.slice(first.length), ...next] }) : undefined,
  }
}

/** The next first, each once. */
export function inOrder(listed: readonly Listed[]): Listed[] {
  const time = ({ listing: { startsAt } }: Listed) => (startsAt === null ? Infinity : Date.parse(startsAt))
  const once = listed.filter((one, index) => listed.findIndex((other) => isSameListing(one, other)) === index)
  // Infinity - Infinity is no order.
  return once.toSorted((a, b) => (time(a) === time(b) ? 0 : time(a) - time(b)))
}
