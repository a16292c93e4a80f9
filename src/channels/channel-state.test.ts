import { describe, expect, it } from 'vitest'
import { unmetGrowth, type ChannelState } from './channel-state.js'

const standing = (fields: Partial<ChannelState>): ChannelState => ({
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
  over: false,
  ...fields,
})

describe('what channels want beyond what they may sell', () => {
  it('counts what is wanted and not confirmed, and nothing of closed or shrinking ones', () => {
    const growing = standing({ desiredCap: 50 })
    const shrinking = standing({ desiredCap: 10 })
    const closed = standing({ desiredCap: 90, desiredMode: 'WAITLIST_ONLY' })
    expect(unmetGrowth([growing, shrinking, closed])).toBe(20)
  })

  it('counts the whole share of a platform without a cap: nobody else may have it', () => {
    const unlimited = standing({ confirmedCap: null, desiredCap: 30, sold: 2, allocated: 0 })
    expect(unmetGrowth([unlimited])).toBe(28)
    expect(unmetGrowth([{ ...unlimited, allocated: 28 }])).toBe(0)
  })
})
