import type { Config } from '../../src/infrastructure/config/config.js'
import { loadConfig, withConfig } from '../../src/infrastructure/config/load-config.js'
import { CREDENTIALS } from './credentials.js'
import type { SimulatedPlatforms } from './simulated-platforms.js'

/** Where the processes receive webhooks. Simulators deliver to loopback addresses only; nothing listens there. */
export const SERVICE_ORIGIN = 'http://127.0.0.1:3000'

/** The configuration of every simulated process: defaults, so the platforms' real limits apply. */
export function simulatedConfig({ eventbrite, luma, meetup }: SimulatedPlatforms): Config {
  const config = loadConfig(
    {
      AUTH_SECRET: 'simulated-secret-of-at-least-32-characters',
      DATABASE_URL: 'postgresql://simulated',
      REDIS_URL: 'redis://simulated',
      PUBLIC_URL: SERVICE_ORIGIN,
      EVENTBRITE_API_URL: eventbrite.url,
      EVENTBRITE_TOKEN: CREDENTIALS.eventbriteToken,
      EVENTBRITE_WEBHOOK_TOKEN: CREDENTIALS.eventbriteWebhookToken,
      LUMA_API_URL: luma.url,
      LUMA_API_KEY: CREDENTIALS.lumaKey,
      MEETUP_API_URL: meetup.url,
      MEETUP_ACCESS_TOKEN: CREDENTIALS.meetupToken,
      DEMO: 'off',
    },
    false,
  )
  return withConfig(config, { log: { level: 'silent', format: 'json' } })
}
