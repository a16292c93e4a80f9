import { expect, it } from 'vitest'
import { CALL_LIMIT_MS, readingDue } from './due-reading.js'
import { READ_LAG_MS } from '../recount.js'

const SENT_AT = Date.parse('2026-11-18T13:00:00Z')
const SETTLE_MS = 5_000
const SETTLED_AT = SENT_AT + CALL_LIMIT_MS + SETTLE_MS + READ_LAG_MS

function dueAt(ms: number, confirmedAt: Date | null) {
  const channel = { confirmedAt, unconfirmedSince: new Date(SENT_AT), needsSweepSince: null, recountAt: null }
  return readingDue(channel, { settleMs: SETTLE_MS }, new Date(ms))
}

it('resolves a lost write once it can no longer land', () => {
  expect(dueAt(SETTLED_AT - 1, null)).toBeNull()
  expect(dueAt(SETTLED_AT, null)).toBe('SETTLE')
})

it('does not resolve it by a reading that may not show the last confirmation yet', () => {
  const confirmedAt = new Date(SETTLED_AT - 1_000)
  expect(dueAt(SETTLED_AT, confirmedAt)).toBeNull()
  expect(dueAt(confirmedAt.getTime() + READ_LAG_MS, confirmedAt)).toBe('SETTLE')
})
