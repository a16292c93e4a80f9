import { describe, expect, it } from 'vitest'
import { PLATFORMS } from '../domain/channel.js'
import { polledPlatforms, traitsOf } from './registry.js'

describe('The platform registry', () => {
  it.each(PLATFORMS)('has the traits of %s', (platform) => {
    const { platform: name, coalesceMs, minReadIntervalMs, rateLimit, sweepCost } = traitsOf(platform)
    expect(name).toBe(platform)
    expect([coalesceMs, minReadIntervalMs, rateLimit.closeCost, rateLimit.capWriteCost, sweepCost(100)]).toSatisfy(
      (figures: number[]) => figures.every((figure) => figure > 0),
    )
  })

  it('has either webhooks or polling for each platform, so that every change is detected', () => {
    const sources = PLATFORMS.map((platform) => [traitsOf(platform).webhooks, traitsOf(platform).polling])
    for (const [webhooks, polling] of sources) expect(webhooks ?? polling).not.toBeNull()
    expect(polledPlatforms()).toEqual(['MEETUP'])
  })

  it('rejects the name of an unknown platform', () => {
    expect(() => traitsOf('PARTIFUL')).toThrow('no traits for platform PARTIFUL')
  })
})
