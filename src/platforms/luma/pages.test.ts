import { describe, expect, it } from 'vitest'
import { advance, AT_START } from './pages.js'

/** Pages read until the list is given up; null: it was not within `most`. */
function pagesUntilStopped(cursorOf: (page: number) => string, brought: (page: number) => number, most = 2_000) {
  let progress = AT_START
  for (let page = 1; page <= most; page++) {
    const further = advance(progress, cursorOf(page), brought(page))
    if (further.kind !== 'OK') return { page, reason: 'reason' in further ? further.reason : '' }
    progress = JSON.parse(JSON.stringify(further.value)) as typeof progress
  }
  return null
}

describe('a list that does not move on', () => {
  it.each([
    ['the same cursor', () => 'c', 2],
    ['two in turn', (page: number) => `c${page % 2}`, 4],
    ['a way into a cycle', (page: number) => `c${page < 5 ? page : 5 + (page % 7)}`, 15],
  ])('is given up at %s', (_name, cursorOf, page) => {
    expect(pagesUntilStopped(cursorOf, () => 1)).toMatchObject({
      page,
      reason: expect.stringContaining('repeat') as unknown,
    })
  })

  it('is given up after five pages in a row that bring nothing, whatever their cursors', () => {
    expect(pagesUntilStopped(String, () => 0)).toMatchObject({ page: 5 })
    expect(pagesUntilStopped(String, (page) => page % 5, 400)).toBeNull()
  })

  it('is given up where it has no end', () => {
    expect(pagesUntilStopped(String, () => 1)).toMatchObject({ page: 500 })
  })
})
