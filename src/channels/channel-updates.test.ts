import { expect, it } from 'vitest'
import { emptyBalances } from '../domain/stock/ledger-account.js'
import type { Channel } from '../domain/channel-record.js'
import { channelStateOf } from './channel-state.js'
import { confirmedUpdate } from './channel-updates.js'
import { READ_LAG_MS } from './recount.js'

const at = new Date('2026-11-20T12:00:00.000Z')

/** The confirmation, without a count, of a closing at the cap in force, of which the platform last counted 2 as sold. */
function closedAtTwo(sold: number, paused: boolean) {
  const channel = {
    id: 'chn_1',
    platform: 'MEETUP',
    confirmedCap: 2,
    desiredCap: 2,
    desiredMode: paused ? 'OPEN' : 'WAITLIST_ONLY',
    pausedSince: paused ? at : null,
    pendingTickets: 0,
    platformSold: 2,
    uncountedSince: null,
    needsSweepSince: null,
    unconfirmedCap: 2,
    unconfirmedMode: 'WAITLIST_ONLY',
    raisedAt: null,
    recountAt: at,
  } as Channel
  const state = channelStateOf(channel, { ...emptyBalances(), 'SOLD:chn_1': sold, 'ALLOCATED:chn_1': 2 - sold })
  const before = { unconfirmedCap: null, unconfirmedSince: null, unconfirmedMode: null }
  const confirmed = { cap: 2, mode: 'WAITLIST_ONLY', sold: null, pending: 0, confirmedAt: at } as const
  return confirmedUpdate({ before, version: 1, startedAt: at }, state, confirmed, { settleMs: 0 })
}

it.each([
  ['closed', false],
  ['paused', true],
])('keeps a count due where a %s listing may sell a seat that was cancelled since the last count', (_, paused) => {
  expect(closedAtTwo(1, paused).recountAt).toEqual(new Date(at.getTime() + READ_LAG_MS))
})

it('needs no count where nothing was cancelled since the last one', () => {
  expect(closedAtTwo(2, false).recountAt).toBeNull()
})
