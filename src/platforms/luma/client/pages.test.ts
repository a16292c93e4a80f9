import { describe, expect, it } from 'vitest'
import { advance, AT_START } from './pages.js'

/** Reads pages until `advance` fails; null: it did not fail within `maxPages`. */
function pagesUntilStopped(cursorOf: (page: number) => string, newEntries: (page: number) => number, maxPages = 2_000) {
  let progress = AT_START
  for (let page = 1; page <= maxPages; page++) {
    const advanced = advance(progress, cursorOf(page), newEntries(page))
    if (advanced.kind !== 'OK') return { page, reason: 'reason' in advanced ? advanced.reason : '' }
    progress = JSON.parse(JSON.stringify(advanced.value)) as typeof progress
  }
  return null
}

describe('advance', () => {
  it.each([
    ['the same cursor', () => 'c', 2],
    ['two alternating cursors', (page: number) => `c${page % 2}`, 4],
    ['a cycle after some pages', (page: number) => `c${page < 5 ? page : 5 + (page % 7)}`, 15],
  ])('fails for a list with %s', (_name, cursorOf, page) => {
    expect(pagesUntilStopped(cursorOf, () => 1)).toMatchObject({
      page,
      reason: expect.stringContaining('repeat') as unknown,
    })
  })

  it('fails after five pages in a row without new entries, even with new cursors', () => {
    expect(pagesUntilStopped(String, () => 0)).toMatchObject({ page: 5 })
    expect(pagesUntilStopped(String, (page) => page % 5, 400)).toBeNull()
  })

  it('fails for a list without an end', () => {
    expect(pagesUntilStopped(String, () => 1)).toMatchObject({ page: 500 })
  })
})
