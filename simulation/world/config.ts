import type { Config } from '../../src/infrastructure/config/config.js'
import { loadConfig, withConfig } from '../../src/infrastructure/config/load-config.js'
import type { Scenario } from '../scenario/actions.js'
import { CREDENTIALS } from './credentials.js'
import type { SimulatedPlatforms } from './simulated-platforms.js'

/** Where the processes receive webhooks. Simulators deliver to loopback addresses only; nothing listens there. */
export const SERVICE_ORIGIN = 'http://127.0.0.1:3000'

type Limits = NonNullable<Scenario['limits']>

/** The configuration of every simulated process: defaults, so that the platforms' documented limits apply, and lower ones. */
export function simulatedConfig({ eventbrite, luma, meetup }: SimulatedPlatforms, limits: Limits = {}): Config {
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
      // Never reached: mails stay in the outbox. With it addresses have to be confirmed.
      SMTP_URL: 'smtp://mail.simulated',
      MAIL_FROM: 'tickets@mail.simulated',
      DEMO: 'off',
      ...Object.fromEntries(
        Object.entries(limits).flatMap(([platform, { limit, windowSeconds, isConfigured }]) =>
          isConfigured ? [[`${platform}_RATE_LIMIT`, `${limit}/${windowSeconds}`]] : [],
        ),
      ),
    },
    false,
  )
  return withConfig(config, { log: { level: 'silent', format: 'json' } })
}
