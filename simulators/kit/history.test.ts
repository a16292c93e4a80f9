import { expect, it } from 'vitest'
import { History } from './history.js'

it('returns values as of an instant, without later additions and earlier removals', () => {
  const history = new History<{ sold: number }>()
  const event = { sold: 1 }
  history.record('a', 100, event)
  event.sold = 2
  history.record('a', 200, event)
  history.record('b', 150, { sold: 9 })
  history.record('b', 250, undefined)
  expect(history.get('a', 99)).toBeUndefined()
  expect(history.get('a', 199)).toEqual({ sold: 1 })
  expect(history.list(149)).toEqual([{ sold: 1 }])
  expect(history.list(200)).toEqual([{ sold: 2 }, { sold: 9 }])
  expect(history.list(250)).toEqual([{ sold: 2 }])
})

it('drops versions older than the retention, except the one still in force', () => {
  const history = new History<number>(1_000)
  for (let at = 0; at <= 10_000; at += 100) history.record('a', at, at)
  expect(history.get('a', 9_050)).toBe(9_000)
  expect(history.get('a', 8_999)).toBeUndefined()
})
