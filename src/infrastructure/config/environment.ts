import * as as from './kinds.js'
import { Variable } from './variable.js'

const SECRET = '<the secret>'

/** The variables this service reads, with their defaults. Null: unset. */
export class Environment {
  @Variable(as.whole(0, 65_535), '3000') PORT = 3000
  @Variable(as.text(), '127.0.0.1') HOST = '127.0.0.1'
  @Variable(as.oneOf('all', 'api', 'worker'), 'all') ROLE: 'all' | 'api' | 'worker' = 'all'
  @Variable(as.address('postgresql', 'postgres'), 'postgresql://user:password@127.0.0.1:5432/traffic_police')
  DATABASE_URL: string | null = null
  @Variable(as.redisAddress, 'redis://127.0.0.1:6379') REDIS_URL: string | null = null
  @Variable(as.text(), '.data') DATA_DIR = '.data'
  @Variable(as.oneOf('on', 'off'), 'off') DEMO: 'on' | 'off' | null = null
  @Variable(as.text(16), '<at least 16 random characters>') AUTH_SECRET: string | null = null
  @Variable(as.email, 'admin@example.com') ADMIN_EMAIL = 'admin@example.com'
  @Variable(as.text(8, 200), '<8 to 200 characters>') ADMIN_PASSWORD: string | null = null
  @Variable(as.address('http', 'https'), 'https://tickets.example.com') PUBLIC_URL: string | null = null

  @Variable(as.address('http', 'https'), 'https://www.eventbriteapi.com/v3')
  EVENTBRITE_API_URL = 'https://www.eventbriteapi.com/v3'
  @Variable(as.text(), SECRET) EVENTBRITE_TOKEN: string | null = null
  @Variable(as.text(), SECRET) EVENTBRITE_WEBHOOK_TOKEN: string | null = null
  @Variable(as.rateLimit, '2000/3600') EVENTBRITE_RATE_LIMIT: as.RateLimit = { limit: 2000, windowSeconds: 3600 }

  @Variable(as.address('http', 'https'), 'https://public-api.luma.com') LUMA_API_URL = 'https://public-api.luma.com'
  @Variable(as.text(), SECRET) LUMA_API_KEY: string | null = null
  @Variable(as.list, '<the secret>,<the one before>') LUMA_WEBHOOK_SECRET: string[] = []
  @Variable(as.rateLimit, '200/60') LUMA_RATE_LIMIT: as.RateLimit = { limit: 200, windowSeconds: 60 }

  @Variable(as.address('http', 'https'), 'https://api.meetup.com/gql-ext')
  MEETUP_API_URL = 'https://api.meetup.com/gql-ext'
  @Variable(as.text(), SECRET) MEETUP_ACCESS_TOKEN: string | null = null
  @Variable(as.text(), 'abc123') MEETUP_CLIENT_KEY: string | null = null
  @Variable(as.text(), '12345678') MEETUP_MEMBER_ID: string | null = null
  @Variable(as.text(), 'key-1') MEETUP_SIGNING_KEY_ID: string | null = null
  @Variable(as.privateKey, String.raw`-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----`)
  MEETUP_PRIVATE_KEY: string | null = null
  @Variable(as.address('http', 'https'), 'https://secure.meetup.com/oauth2/access')
  MEETUP_TOKEN_URL = 'https://secure.meetup.com/oauth2/access'
  @Variable(as.signingSecrets, 'whsec_<base64 of 32 random bytes>') MEETUP_WEBHOOK_SECRET: string | null = null
  @Variable(as.rateLimit, '500/60') MEETUP_RATE_LIMIT: as.RateLimit = { limit: 500, windowSeconds: 60 }

  @Variable(as.text(), SECRET) STRIPE_SECRET_KEY: string | null = null
  @Variable(as.text(), SECRET) STRIPE_WEBHOOK_SECRET: string | null = null
  @Variable(as.address('http', 'https'), 'https://api.stripe.com') STRIPE_API_URL = 'https://api.stripe.com'
  @Variable(as.address('smtp', 'smtps'), 'smtp://user:password@mail.example.com:587') SMTP_URL: string | null = null
  @Variable(as.text(3, 320), 'Tickets <tickets@example.com>') MAIL_FROM: string | null = null

  @Variable(as.ratio(0, 1, true), '0.9') SOFT_CAP_RATIO = 0.9
  @Variable(as.ratio(0, 0.9), '0.1') SAFETY_STOCK_RATIO = 0.1
  @Variable(as.whole(1, 86_400), '300') HOLD_TTL_SECONDS = 300
  @Variable(as.whole(1, 86_400), '300') SWEEP_INTERVAL_SECONDS = 300
  @Variable(as.whole(1, 86_400), '10') MEETUP_POLL_SECONDS = 10
  @Variable(as.whole(1, 86_400), '15') REBALANCE_INTERVAL_SECONDS = 15
  @Variable(as.cron, '0 3 * * *') RECONCILE_CRON = '0 3 * * *'
  @Variable(as.timezone, 'Europe/Berlin') RECONCILE_TIMEZONE = 'UTC'
  @Variable(as.whole(100, 600_000), '2000') FAIL_SAFE_AFTER_MS = 2000
  @Variable(as.whole(0, 600_000), '5000') FAIL_SAFE_RECOVERY_MS = 5000
  @Variable(as.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info')
  LOG_LEVEL: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' = 'info'
  @Variable(as.oneOf('pretty', 'json'), 'json') LOG_FORMAT: 'pretty' | 'json' | null = null

  // Whether there are traces. The OpenTelemetry SDK, loaded only then, reads these and all other OTEL_* by itself.
  @Variable(as.text(), 'true') OTEL_SDK_DISABLED = 'false'
  @Variable(as.list, 'otlp') OTEL_TRACES_EXPORTER: string[] | null = null
  @Variable(as.address('http', 'https'), 'http://127.0.0.1:4318') OTEL_EXPORTER_OTLP_ENDPOINT: string | null = null
  @Variable(as.address('http', 'https'), 'http://127.0.0.1:4318/v1/traces')
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: string | null = null
}
