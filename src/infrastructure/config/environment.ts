import * as parse from './env-parsers.js'
import type { RateLimit } from './env-parsers.js'
import { Variable } from './variable.js'

const SECRET = '<the secret>'

/** The variables this service reads, with their defaults. Null: unset. */
export class Environment {
  @Variable(parse.integer(0, 65_535), '3000') PORT = 3000
  @Variable(parse.text(), '127.0.0.1') HOST = '127.0.0.1'
  @Variable(parse.oneOf('all', 'api', 'worker'), 'all') ROLE: 'all' | 'api' | 'worker' = 'all'
  @Variable(parse.url('postgresql', 'postgres'), 'postgresql://user:password@127.0.0.1:5432/traffic_police')
  DATABASE_URL: string | null = null
  @Variable(parse.redisUrl, 'redis://127.0.0.1:6379') REDIS_URL: string | null = null
  @Variable(parse.text(), '.data') DATA_DIR = '.data'
  @Variable(parse.oneOf('on', 'off'), 'off') DEMO: 'on' | 'off' | null = null
  @Variable(parse.text(16), '<at least 16 random characters>') AUTH_SECRET: string | null = null
  @Variable(parse.email, 'admin@example.com') ADMIN_EMAIL = 'admin@example.com'
  @Variable(parse.text(8, 200), '<8 to 200 characters>') ADMIN_PASSWORD: string | null = null
  @Variable(parse.url('http', 'https'), 'https://tickets.example.com') PUBLIC_URL: string | null = null

  @Variable(parse.url('http', 'https'), 'https://www.eventbriteapi.com/v3')
  EVENTBRITE_API_URL = 'https://www.eventbriteapi.com/v3'
  @Variable(parse.text(), SECRET) EVENTBRITE_TOKEN: string | null = null
  @Variable(parse.text(), SECRET) EVENTBRITE_WEBHOOK_TOKEN: string | null = null
  @Variable(parse.rateLimit, '2000/3600') EVENTBRITE_RATE_LIMIT: RateLimit = { limit: 2000, windowSeconds: 3600 }

  @Variable(parse.url('http', 'https'), 'https://public-api.luma.com') LUMA_API_URL = 'https://public-api.luma.com'
  @Variable(parse.text(), SECRET) LUMA_API_KEY: string | null = null
  @Variable(parse.list, '<the secret>,<the one before>') LUMA_WEBHOOK_SECRET: string[] = []
  @Variable(parse.rateLimit, '200/60') LUMA_RATE_LIMIT: RateLimit = { limit: 200, windowSeconds: 60 }

  @Variable(parse.url('http', 'https'), 'https://api.meetup.com/gql-ext')
  MEETUP_API_URL = 'https://api.meetup.com/gql-ext'
  @Variable(parse.text(), SECRET) MEETUP_ACCESS_TOKEN: string | null = null
  @Variable(parse.text(), 'abc123') MEETUP_CLIENT_KEY: string | null = null
  @Variable(parse.text(), '12345678') MEETUP_MEMBER_ID: string | null = null
  @Variable(parse.text(), 'key-1') MEETUP_SIGNING_KEY_ID: string | null = null
  @Variable(parse.privateKey, String.raw`-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----`)
  MEETUP_PRIVATE_KEY: string | null = null
  @Variable(parse.url('http', 'https'), 'https://secure.meetup.com/oauth2/access')
  MEETUP_TOKEN_URL = 'https://secure.meetup.com/oauth2/access'
  @Variable(parse.signingSecrets, 'whsec_<base64 of 32 random bytes>') MEETUP_WEBHOOK_SECRET: string | null = null
  @Variable(parse.rateLimit, '500/60') MEETUP_RATE_LIMIT: RateLimit = { limit: 500, windowSeconds: 60 }

  @Variable(parse.text(), SECRET) STRIPE_SECRET_KEY: string | null = null
  @Variable(parse.text(), SECRET) STRIPE_WEBHOOK_SECRET: string | null = null
  @Variable(parse.url('http', 'https'), 'https://api.stripe.com') STRIPE_API_URL = 'https://api.stripe.com'
  @Variable(parse.url('smtp', 'smtps'), 'smtp://user:password@mail.example.com:587') SMTP_URL: string | null = null
  @Variable(parse.text(3, 320), 'Tickets <tickets@example.com>') MAIL_FROM: string | null = null

  @Variable(parse.ratio(0, 1, true), '0.9') SOFT_CAP_RATIO = 0.9
  @Variable(parse.ratio(0, 0.9), '0.1') SAFETY_STOCK_RATIO = 0.1
  @Variable(parse.integer(1, 86_400), '300') HOLD_TTL_SECONDS = 300
  @Variable(parse.integer(1, 86_400), '300') SWEEP_INTERVAL_SECONDS = 300
  @Variable(parse.integer(1, 86_400), '10') MEETUP_POLL_SECONDS = 10
  @Variable(parse.integer(1, 86_400), '15') REBALANCE_INTERVAL_SECONDS = 15
  @Variable(parse.cron, '0 3 * * *') RECONCILE_CRON = '0 3 * * *'
  @Variable(parse.timezone, 'Europe/Berlin') RECONCILE_TIMEZONE = 'UTC'
  @Variable(parse.integer(100, 600_000), '2000') FAIL_SAFE_AFTER_MS = 2000
  @Variable(parse.integer(0, 600_000), '5000') FAIL_SAFE_RECOVERY_MS = 5000
  @Variable(parse.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info')
  LOG_LEVEL: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' = 'info'
  @Variable(parse.oneOf('pretty', 'json'), 'json') LOG_FORMAT: 'pretty' | 'json' | null = null

  // Whether tracing is enabled. The OpenTelemetry SDK, loaded only then, reads these and all other OTEL_* itself.
  @Variable(parse.text(), 'true') OTEL_SDK_DISABLED = 'false'
  @Variable(parse.list, 'otlp') OTEL_TRACES_EXPORTER: string[] | null = null
  @Variable(parse.url('http', 'https'), 'http://127.0.0.1:4318') OTEL_EXPORTER_OTLP_ENDPOINT: string | null = null
  @Variable(parse.url('http', 'https'), 'http://127.0.0.1:4318/v1/traces')
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: string | null = null
}
