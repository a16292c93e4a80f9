import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig, withConfig } from './load-config.js'

const PEM = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey

const MEETUP_JWT = {
  MEETUP_CLIENT_KEY: 'client',
  MEETUP_MEMBER_ID: '42',
  MEETUP_SIGNING_KEY_ID: 'key-1',
  MEETUP_PRIVATE_KEY: PEM,
}

function linesOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message.split('\n')
  }
  throw new Error('the environment was accepted')
}

describe('loadConfig: defaults', () => {
  it('requires no variable', () => {
    expect(loadConfig({}, false)).toEqual({
      role: 'all',
      weakSecrets: [],
      http: { host: '127.0.0.1', port: 3000, publicUrl: 'http://127.0.0.1:3000', trustedProxies: null },
      databaseUrl: null,
      redisUrl: null,
      dataDir: '.data',
      demo: true,
      queueBrowser: { writes: false },
      authSecret: null,
      encryptionKeys: [],
      admin: { email: 'admin@example.com', password: null },
      customerRateLimit: { limit: 60, windowSeconds: 60 },
      eventbrite: {
        apiUrl: 'https://www.eventbriteapi.com/v3',
        token: null,
        webhookToken: null,
        rateLimit: { limit: 2000, windowSeconds: 3600 },
      },
      luma: {
        apiUrl: 'https://public-api.luma.com',
        apiKey: null,
        webhookSecrets: [],
        rateLimit: { limit: 200, windowSeconds: 60 },
      },
      meetup: {
        apiUrl: 'https://api.meetup.com/gql-ext',
        accessToken: null,
        jwt: null,
        webhookSecret: null,
        rateLimit: { limit: 500, windowSeconds: 60 },
      },
      payments: 'simulated',
      stripe: { secretKey: null, publishableKey: null, webhookSecret: null, apiUrl: 'https://api.stripe.com' },
      mail: { smtpUrl: null, from: null },
      notifications: { allowPrivateTargets: false },
      stock: { softCapRatio: 0.9, safetyStockRatio: 0.1, holdTtlSeconds: 300 },
      intervals: { sweepSeconds: 300, meetupPollSeconds: 10, rebalanceSeconds: 15 },
      reconcile: { cron: '0 3 * * *', timezone: 'UTC' },
      retentionDays: 90,
      failSafe: { afterMs: 2000, recoveryMs: 5000 },
      log: { level: 'info', format: 'json' },
      metrics: { token: null },
      tracing: { on: false },
    })
  })

  it('uses pretty logs on a terminal unless LOG_FORMAT is set', () => {
    expect(loadConfig({}, true).log.format).toBe('pretty')
    expect(loadConfig({ LOG_FORMAT: 'json' }, true).log.format).toBe('json')
    expect(loadConfig({ LOG_FORMAT: 'pretty' }, false).log.format).toBe('pretty')
  })

  it.each([
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }, true],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'True' }, false],
    [{ OTEL_SERVICE_NAME: 'tickets' }, false],
  ])('with %o sets tracing to %s', (env, on) => expect(loadConfig(env).tracing.on).toBe(on))

  it('treats an empty variable as unset and ignores unknown variables', () => {
    const config = loadConfig({ PORT: '', LUMA_API_KEY: '  ', SOMETHING_ELSE: 'x', DEMO: undefined })
    expect(config.http.port).toBe(3000)
    expect(config.luma.apiKey).toBeNull()
    expect(config).not.toHaveProperty('SOMETHING_ELSE')
  })

  it('deep-freezes the configuration', () => {
    const config = loadConfig({})
    expect(() => Object.assign(config, { role: 'api' })).toThrow(TypeError)
    expect(() => Object.assign(config.luma.rateLimit, { limit: 1 })).toThrow(TypeError)
  })

  it('shares no default object between two loads', () => {
    expect(loadConfig({}).luma.rateLimit).not.toBe(loadConfig({}).luma.rateLimit)
  })
})

describe('loadConfig: demo', () => {
  it.each([
    ['EVENTBRITE_TOKEN', { EVENTBRITE_TOKEN: 'secret' }],
    ['LUMA_API_KEY', { LUMA_API_KEY: 'secret' }],
    ['MEETUP_ACCESS_TOKEN', { MEETUP_ACCESS_TOKEN: 'secret' }],
    ['the Meetup JWT group', MEETUP_JWT],
  ])('is off by default once %s is set', (_name, env) => {
    expect(loadConfig(env).demo).toBe(false)
    expect(loadConfig({ ...env, DEMO: 'on' }).demo).toBe(true)
  })

  it.each([
    ['DATABASE_URL', { DATABASE_URL: 'postgresql://db.example.com/events' }],
    ['REDIS_URL', { REDIS_URL: 'redis://redis.example.com' }],
  ])('is off by default once %s is set', (_name, env) => {
    expect(loadConfig(env)).toMatchObject({ demo: false, payments: 'none' })
    expect(loadConfig({ ...env, DEMO: 'on' }).demo).toBe(true)
  })

  it('is off with DEMO=off', () => {
    expect(loadConfig({ DEMO: 'off' }).demo).toBe(false)
  })

  it('stays on when only an API URL or a webhook secret is set', () => {
    expect(loadConfig({ LUMA_API_URL: 'http://localhost:4000', LUMA_WEBHOOK_SECRET: 'whsec_of_a_calendar' }).demo).toBe(
      true,
    )
  })
})

describe('loadConfig: payments', () => {
  const KEY = { STRIPE_SECRET_KEY: 'sk_test_1' }

  it.each([
    ['with a Stripe key', { ...KEY, DEMO: 'off' }, 'stripe'],
    ['with a Stripe key in the demo', { ...KEY, DEMO: 'on' }, 'stripe'],
    ['in the demo', { DEMO: 'on' }, 'simulated'],
    ['outside the demo', { DEMO: 'off' }, 'none'],
    ['with the credentials of a platform', { LUMA_API_KEY: 'secret' }, 'none'],
    ['when simulated ones are configured by name', { DEMO: 'off', PAYMENTS: 'simulated' }, 'simulated'],
    ['when they are switched off', { ...KEY, PAYMENTS: 'none' }, 'none'],
  ])('%s', (_name, env, expected) => expect(loadConfig(env).payments).toBe(expected))

  it('requires the key for PAYMENTS=stripe', () => {
    expect(linesOf({ PAYMENTS: 'stripe' })).toEqual([expect.stringMatching(/^STRIPE_SECRET_KEY is required/)])
  })
})

describe('loadConfig: values', () => {
  it('reads every variable', () => {
    const config = loadConfig({
      PORT: '8080',
      HOST: '::1',
      ROLE: 'worker',
      DATABASE_URL: 'postgresql://u:p@db:5432/tp',
      REDIS_URL: 'redis+cluster://r1:6379,r2:6379',
      DATA_DIR: '/var/lib/tp',
      AUTH_SECRET: 'sixteen letters!',
      ADMIN_EMAIL: 'Boss@Example.com',
      ADMIN_PASSWORD: 'correct horse',
      LUMA_WEBHOOK_SECRET: 'whsec_of_this_year, whsec_of_last_year',
      EVENTBRITE_RATE_LIMIT: '10/60',
      SOFT_CAP_RATIO: '1',
      SAFETY_STOCK_RATIO: '0',
      HOLD_TTL_SECONDS: '60',
      RECONCILE_CRON: '30 2 * * 1',
      RECONCILE_TIMEZONE: 'Europe/Berlin',
      FAIL_SAFE_AFTER_MS: '1500',
      FAIL_SAFE_RECOVERY_MS: '0',
      SMTP_URL: 'smtp://mail:25',
      MAIL_FROM: 'Tickets <t@example.com>',
      LOG_LEVEL: 'debug',
    })
    expect(config.http).toEqual({ host: '::1', port: 8080, publicUrl: 'http://[::1]:8080', trustedProxies: null })
    expect(config.role).toBe('worker')
    expect(config.redisUrl).toBe('redis+cluster://r1:6379,r2:6379')
    expect(config.admin.email).toBe('boss@example.com')
    expect(config.luma.webhookSecrets).toEqual(['whsec_of_this_year', 'whsec_of_last_year'])
    expect(config.eventbrite.rateLimit).toEqual({ limit: 10, windowSeconds: 60 })
    expect(config.stock).toEqual({ softCapRatio: 1, safetyStockRatio: 0, holdTtlSeconds: 60 })
    expect(config.reconcile).toEqual({ cron: '30 2 * * 1', timezone: 'Europe/Berlin' })
    expect(config.failSafe).toEqual({ afterMs: 1500, recoveryMs: 0 })
    expect(config.mail).toEqual({ smtpUrl: 'smtp://mail:25', from: 'Tickets <t@example.com>' })
    expect(config.log.level).toBe('debug')
  })

  it('removes trailing slashes from URLs', () => {
    expect(loadConfig({ PUBLIC_URL: 'https://tp.example/' }).http.publicUrl).toBe('https://tp.example')
  })

  it('accepts a private key on one line', () => {
    const config = loadConfig({ ...MEETUP_JWT, MEETUP_PRIVATE_KEY: PEM.replaceAll('\n', String.raw`\n`) })
    expect(config.meetup.jwt?.privateKey.trim()).toBe(PEM.trim())
    expect(config.meetup.jwt?.tokenUrl).toBe('https://secure.meetup.com/oauth2/access')
  })
})

describe('loadConfig: invalid environments', () => {
  it.each([
    ['PORT', '70000'],
    ['PORT', '80.5'],
    ['PORT', 'http'],
    ['ROLE', 'server'],
    ['DATABASE_URL', 'mysql://db/tp'],
    ['REDIS_URL', 'http://redis'],
    ['REDIS_URL', 'redis+sentinel://s1:26379'],
    ['DEMO', 'perhaps'],
    ['AUTH_SECRET', 'short'],
    ['ADMIN_EMAIL', 'admin'],
    ['ADMIN_PASSWORD', 'short'],
    ['PUBLIC_URL', 'tickets.example.com'],
    ['EVENTBRITE_API_URL', 'ftp://eventbrite'],
    ['LUMA_WEBHOOK_SECRET', 'whsec_of_this_year,,whsec_of_last_year'],
    ['MEETUP_RATE_LIMIT', '500'],
    ['MEETUP_WEBHOOK_SECRET', 'not base64 at all, and long enough'],
    ['MEETUP_WEBHOOK_SECRET', 'whsec_c2hvcnQ='],
    ['LUMA_RATE_LIMIT', '0/60'],
    ['TRUSTED_PROXIES', 'proxy.example.com'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.1,'],
    ['TRUSTED_PROXIES', '0'],
    ['TRUSTED_PROXIES', '11'],
    ['EVENTBRITE_RATE_LIMIT', '2000/0'],
    ['STRIPE_API_URL', 'stripe'],
    ['SOFT_CAP_RATIO', '0'],
    ['SOFT_CAP_RATIO', '1.1'],
    ['SOFT_CAP_RATIO', '90%'],
    ['SAFETY_STOCK_RATIO', '0.95'],
    ['SAFETY_STOCK_RATIO', '-0.1'],
    ['HOLD_TTL_SECONDS', '0'],
    ['HOLD_TTL_SECONDS', '86401'],
    ['SWEEP_INTERVAL_SECONDS', '5m'],
    ['MEETUP_POLL_SECONDS', '0'],
    ['REBALANCE_INTERVAL_SECONDS', '1e3'],
    ['RECONCILE_CRON', '61 * * * *'],
    ['RECONCILE_TIMEZONE', 'Mars/Base'],
    ['FAIL_SAFE_AFTER_MS', '1'],
    ['FAIL_SAFE_RECOVERY_MS', 'soon'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
  ])('rejects %s=%s with one line that names it and gives an example', (name, value) => {
    const lines = linesOf({ [name]: value })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(new RegExp(`^${name} .+, e\\.g\\. ${name}=.+`))
  })

  const EXPOSED: Record<string, string>[] = [
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { PUBLIC_URL: 'https://tickets.example.com' },
  ]
  const LOCAL: Record<string, string>[] = [{}, { HOST: '::1' }, { PUBLIC_URL: 'http://localhost:8080' }]
  const WEAK = [
    ['AUTH_SECRET', '<at least 16 random characters>'],
    ['AUTH_SECRET', 'at least 16 random characters'],
    ['AUTH_SECRET', 'change-me-change-me'],
    ['AUTH_SECRET', '0123456789abcdef'],
    ['AUTH_SECRET', 'aaaaaaaabbbbbbbb'],
    ['ADMIN_PASSWORD', 'correct-horse-battery'],
    ['ADMIN_PASSWORD', 'Password123!'],
    ['ADMIN_PASSWORD', '1234567890'],
    ['EVENTBRITE_WEBHOOK_TOKEN', 'hook'],
    ['EVENTBRITE_WEBHOOK_TOKEN', 'webhook-token-1234'],
    ['LUMA_WEBHOOK_SECRET', 'whsec_of_this_year,s'],
    ['STRIPE_WEBHOOK_SECRET', 'whsec_'],
    ['METRICS_TOKEN', 'secretsecretsecret'],
  ] as const

  it.each(WEAK)('rejects the weak %s=%s where other machines reach the service', (name, value) => {
    for (const exposed of EXPOSED) {
      const lines = linesOf({ ...exposed, [name]: value })
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(new RegExp(`^${name} .+, e\\.g\\. ${name}=.+`))
    }
  })

  it.each(WEAK)('accepts the weak %s=%s on this machine, and names it', (name, value) => {
    for (const local of LOCAL) expect(loadConfig({ ...local, [name]: value }).weakSecrets).toEqual([name])
  })

  it('accepts random secrets everywhere', () => {
    const secret = 'q7Zf2mK9xT4bVw8s'
    const all = { AUTH_SECRET: secret, ADMIN_PASSWORD: secret, METRICS_TOKEN: secret, LUMA_WEBHOOK_SECRET: secret }
    expect(loadConfig({ HOST: '0.0.0.0', ...all }).weakSecrets).toEqual([])
  })

  it('lists every invalid variable, one line each', () => {
    const lines = linesOf({ PORT: 'x', LOG_LEVEL: 'y', SOFT_CAP_RATIO: 'z' })
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['PORT', 'SOFT_CAP_RATIO', 'LOG_LEVEL'])
  })

  it('never prints a value that may be secret', () => {
    const text = linesOf({
      DATABASE_URL: 'mysql://u:hunter2secret@db/tp',
      REDIS_URL: 'redis://:hunter2secret@a,b',
      AUTH_SECRET: 'hunter2secret',
      ...MEETUP_JWT,
      MEETUP_PRIVATE_KEY: 'hunter2secret',
    }).join('\n')
    expect(text).not.toContain('hunter2')
    expect(text.split('\n')).toHaveLength(4)
  })

  it('requires AUTH_SECRET when both servers are external', () => {
    const servers = { DATABASE_URL: 'postgresql://db/tp', REDIS_URL: 'redis://r' }
    expect(linesOf(servers)).toEqual([expect.stringMatching(/^AUTH_SECRET is required/)])
    expect(loadConfig({ DATABASE_URL: servers.DATABASE_URL }).authSecret).toBeNull()
    expect(loadConfig({ ...servers, AUTH_SECRET: 'sixteen letters!' }).authSecret).toBe('sixteen letters!')
  })

  it.each(Object.keys(MEETUP_JWT))('requires %s when the other Meetup JWT variables are set', (missing) => {
    expect(linesOf({ ...MEETUP_JWT, [missing]: '' })).toEqual([expect.stringMatching(`^${missing} is required`)])
  })

  it('requires MAIL_FROM when SMTP_URL is set', () => {
    expect(linesOf({ SMTP_URL: 'smtp://mail' })).toEqual([expect.stringMatching(/^MAIL_FROM is required/)])
  })

  it('rejects an SMTP_URL without smtp://', () => {
    expect(linesOf({ SMTP_URL: 'mail.example.com', MAIL_FROM: 'a@b.c' })).toEqual([expect.stringMatching(/^SMTP_URL /)])
  })

  it('reports a variable once', () => {
    expect(linesOf({ ...MEETUP_JWT, MEETUP_PRIVATE_KEY: 'not a key' })).toHaveLength(1)
  })
})

describe('withConfig', () => {
  it('returns a changed, frozen copy', () => {
    const before = loadConfig({})
    const after = withConfig(before, { databaseUrl: 'postgresql://127.0.0.1:1/x' })
    expect(before.databaseUrl).toBeNull()
    expect(after.databaseUrl).toBe('postgresql://127.0.0.1:1/x')
    expect(after.stock).toEqual(before.stock)
    expect(Object.isFrozen(after)).toBe(true)
  })
})
