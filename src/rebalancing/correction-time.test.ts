import { describe, expect, it } from 'vitest'
import type { Config } from '../infrastructure/config/config.js'
import { allTraits, traitsOf } from '../platforms/registry.js'
import { correctionMs } from './correction-time.js'

const config = { intervals: { meetupPollSeconds: 10 } } as Config

describe('correctionMs', () => {
  it('follows from the traits of each platform', () => {
    const seconds = Object.fromEntries(
      allTraits().map((traits) => [traits.platform, Math.round(correctionMs(traits, config) / 1_000)]),
    )
    expect(seconds).toEqual({ EVENTBRITE: 67, LUMA: 5, MEETUP: 23, MANUAL: 600 })
  })

  it('grows with the interval of polls, of which a raise needs two', () => {
    const slower = { intervals: { meetupPollSeconds: 15 } } as Config
    const traits = traitsOf('MEETUP')
    expect(correctionMs(traits, slower) - correctionMs(traits, config)).toBe(10_000)
  })
})
