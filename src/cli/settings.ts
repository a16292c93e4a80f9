import { findDemo, withDemo } from '../demo/demo-platforms.js'
import type { Config } from '../infrastructure/config/config.js'
import { withConfig } from '../infrastructure/config/load-config.js'
import type { Servers } from './servers.js'

/** With the addresses of the servers, and with the platforms that the service itself speaks to. */
export function settingsFor(config: Config, { databaseUrl, redisUrl }: Servers): Config {
  const settled = withConfig(config, { databaseUrl, redisUrl })
  if (!config.demo) return settled
  const demo = findDemo(config.dataDir)
  return demo ? withDemo(settled, demo) : withoutPlatforms(settled)
}

/** The simulated platforms of a demo end with its service; the real ones have nothing to do with its events. */
function withoutPlatforms(config: Config): Config {
  return withConfig(config, {
    eventbrite: { ...config.eventbrite, token: null },
    luma: { ...config.luma, apiKey: null },
    meetup: { ...config.meetup, accessToken: null, jwt: null },
  })
}
