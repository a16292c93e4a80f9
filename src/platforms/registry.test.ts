import { describe, expect, it } from 'vitest'
import { PLATFORMS } from '../domain/channel.js'
import { loadConfig, withConfig } from '../infrastructure/config/load-config.js'
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

  it.each(PLATFORMS)('can remove the credentials of %s from the configuration', (platform) => {
    const { credentials } = traitsOf(platform)
    const env = { EVENTBRITE_TOKEN: 'token', LUMA_API_KEY: 'key', MEETUP_ACCESS_TOKEN: 'token' }
    const config = loadConfig(env)
    expect(credentials.configured(config)).toBe(true)
    expect(credentials.configured(withConfig(config, credentials.without(config)))).toBe(false)
  })

  it('rejects the name of an unknown platform', () => {
    expect(() => traitsOf('PARTIFUL')).toThrow('no traits for platform PARTIFUL')
  })
})
