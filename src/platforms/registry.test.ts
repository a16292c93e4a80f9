import { describe, expect, it } from 'vitest'
import { API_PLATFORMS, PLATFORMS } from '../domain/channel.js'
import { loadConfig, withConfig } from '../infrastructure/config/load-config.js'
import { polledPlatforms, rateLimitTraitsOf, traitsOf } from './registry.js'

describe('The platform registry', () => {
  it('knows which platforms have an API', () => {
    expect(PLATFORMS.map((platform) => traitsOf(platform).platform)).toEqual(PLATFORMS)
    expect(PLATFORMS.filter((platform) => traitsOf(platform).hasApi)).toEqual(API_PLATFORMS)
    expect(() => rateLimitTraitsOf('MANUAL')).toThrow('no API')
  })

  it.each(API_PLATFORMS)('has the traits of calls to %s', (platform) => {
    const { coalesceMs, minReadIntervalMs, sweepCost } = traitsOf(platform)
    const { closeCost, capWriteCost } = rateLimitTraitsOf(platform)
    expect([coalesceMs, minReadIntervalMs, closeCost, capWriteCost, sweepCost(100)]).toSatisfy((figures: number[]) =>
      figures.every((figure) => figure > 0),
    )
  })

  it('has either webhooks or polling for each platform with an API, so that every change is detected', () => {
    const sources = API_PLATFORMS.map((platform) => [traitsOf(platform).webhooks, traitsOf(platform).polling])
    for (const [webhooks, polling] of sources) expect(webhooks ?? polling).not.toBeNull()
    expect(polledPlatforms()).toEqual(['MEETUP'])
  })

  it.each(API_PLATFORMS)('can remove the credentials of %s from the configuration', (platform) => {
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
