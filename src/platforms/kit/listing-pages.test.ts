import { expect, it } from 'vitest'
import type { Outcome } from '../port.js'
import { collectListings, INVALID_CURSOR, nameMatches, type ListingSource } from './listing-pages.js'
import { ok } from './outcomes.js'
import type { ListingPage, UpcomingListing } from '../upcoming-listing.js'

const THROTTLED = { kind: 'THROTTLED', resumeAt: new Date(0) } as const

const listing = (name: string) => ok({ externalEventId: name, name } as UpcomingListing)

/** A platform with pages of three names. `complete`: the listing of a name. */
function sourceOf(
  names: readonly string[],
  complete: ListingSource<string>['complete'] = async (name) => listing(name),
) {
  const reads: (string | null)[] = []
  const source: ListingSource<string> = {
    read: async (page) => {
      reads.push(page?.['at'] ?? null)
      const at = Number(page?.['at'] ?? 0)
      const next = at + 3 < names.length ? { at: String(at + 3) } : null
      return ok({ rows: names.slice(at, at + 3), next })
    },
    matches: (name) => !name.startsWith('-'),
    complete,
  }
  return { source, reads }
}

function pageOf(outcome: Outcome<ListingPage>): { names: string[]; nextCursor: string | null } {
  if (outcome.kind !== 'OK') throw new Error(JSON.stringify(outcome))
  return { names: outcome.value.listings.map(({ name }) => name), nextCursor: outcome.value.nextCursor }
}

/** All names, page by page. */
async function readAll(source: ListingSource<string>, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | null = null
  do {
    const { names, nextCursor }: { names: string[]; nextCursor: string | null } = pageOf(
      await collectListings(source, { cursor, limit }),
    )
    pages.push(names)
    cursor = nextCursor
  } while (cursor !== null && pages.length < 50)
  return pages
}

it.each([1, 2, 3, 4, 7, 100])('lists each match once in pages of %s', async (limit) => {
  const names = ['a', '-', 'b', 'c', 'd', '-', '-', 'e', 'f', 'g']
  const pages = await readAll(sourceOf(names).source, limit)
  expect(pages.flat()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  expect(pages.every((page) => page.length <= limit)).toBe(true)
})

it('reads no page for matches that it does not need, and a bounded number for few matches', async () => {
  const { source, reads } = sourceOf(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  await collectListings(source, { cursor: null, limit: 3 })
  expect(reads).toEqual([null])
  const rare = sourceOf([...Array.from({ length: 60 }, () => '-'), 'a'])
  expect((await readAll(rare.source, 10)).flat()).toEqual(['a'])
  const first = sourceOf(Array.from({ length: 60 }, () => '-'))
  const { nextCursor } = pageOf(await collectListings(first.source, { cursor: null, limit: 10 }))
  expect([first.reads.length, nextCursor === null]).toEqual([5, false])
})

it('returns what it has when the platform stops responding, and continues behind it', async () => {
  let allowed = 4
  const { source } = sourceOf(['a', 'b', 'c', 'd', 'e', 'f'], async (name) =>
    allowed-- > 0 ? listing(name) : THROTTLED,
  )
  const { names, nextCursor } = pageOf(await collectListings(source, { cursor: null, limit: 10 }))
  expect(names).toEqual(['a', 'b', 'c', 'd'])
  expect(await collectListings(source, { cursor: nextCursor, limit: 10 })).toEqual(THROTTLED)
  allowed = 10
  expect(pageOf(await collectListings(source, { cursor: nextCursor, limit: 10 })).names).toEqual(['e', 'f'])
})

it('omits a listing that was just deleted', async () => {
  const complete = async (name: string) => (name === 'b' ? ({ kind: 'GONE', message: '404' } as const) : listing(name))
  expect(await readAll(sourceOf(['a', 'b', 'c'], complete).source, 10)).toEqual([['a', 'c']])
})

it.each(['', 'x', '{}', '[null]', '[null,-1]', '[null,0.5]', '[{"at":1},0]', '["a",0]', '[null,0,0]'])(
  'refuses the cursor %j',
  async (text) => {
    const cursor = Buffer.from(text).toString('base64url')
    const outcome = await collectListings(sourceOf(['a']).source, { cursor, limit: 1 })
    expect(outcome).toMatchObject({ kind: 'REJECTED', code: INVALID_CURSOR })
  },
)

it('finds a part of a name in any case', () => {
  expect(nameMatches('Winter Fair', 'ER f')).toBe(true)
  expect(nameMatches('Winter Fair', 'summer')).toBe(false)
  expect(nameMatches('Winter Fair', null)).toBe(true)
})
