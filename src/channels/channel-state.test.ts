import { describe, expect, it } from 'vitest'
import { unmetGrowth, type ChannelState } from './channel-state.js'

const channelState = (fields: Partial<ChannelState>): ChannelState => ({
  id: 'chn',
  platform: 'LUMA',
  confirmedCap: 30,
  unconfirmedCap: null,
  sold: 0,
  pending: 0,
  platformSold: null,
  desiredCap: 30,
  desiredMode: 'OPEN',
  confirmedMode: 'OPEN',
  allocated: 30,
  needsSweep: false,
  paused: false,
  listingEnded: false,
  ...fields,
})

describe('unmetGrowth', () => {
  it('counts desired units that are not confirmed, and none of closed or shrinking channels', () => {
    const growing = channelState({ desiredCap: 50 })
    const shrinking = channelState({ desiredCap: 10 })
    const closed = channelState({ desiredCap: 90, desiredMode: 'WAITLIST_ONLY' })
    expect(unmetGrowth([growing, shrinking, closed])).toBe(20)
  })

  it('counts the whole share of a platform without a cap, so that no other channel gets it', () => {
    const unlimited = channelState({ confirmedCap: null, desiredCap: 30, sold: 2, allocated: 0 })
    expect(unmetGrowth([unlimited])).toBe(28)
    expect(unmetGrowth([{ ...unlimited, allocated: 28 }])).toBe(0)
  })
})
