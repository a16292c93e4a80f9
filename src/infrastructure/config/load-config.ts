import type { ZodError } from 'zod'
import type { Config, MeetupJwt } from './config.js'
import { environment, infoOf, type Environment } from './environment.js'
import { weakSecrets } from './weak-secrets.js'
import { checkRelations, hasPlatformCredential, type ConfigProblem } from './relations.js'
import { isDemoRemoved } from './demo-removed.js'

/** The environment is invalid. The message has one line per variable: name, problem, example. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly variables: readonly string[]

  constructor(problems: readonly ConfigProblem[]) {
    super(
      problems
        .map(({ variable, problem, example }) => `${variable} ${problem}, e.g. ${variable}=${example}`)
        .join('\n'),
    )
    this.variables = problems.map(({ variable }) => variable)
  }
}

/**
 * Reads the environment. `isTerminal` sets the default log format.
 * Throws ConfigError when a variable is invalid or missing; secrets are never part of the message.
 */
export function loadConfig(
  variables: Record<string, string | undefined> = process.env,
  isTerminal: boolean = process.stdout.isTTY,
): Config {
  const given = givenTexts(variables)
  const { data: env, error } = environment.safeParse(given)
  const problems = [...(error ? problemsOf(error) : []), ...checkRelations(given)]
  if (!env || problems.length > 0) throw new ConfigError(problems)
  return deepFreeze({
    ...buildConfig(env, isTerminal),
    weakSecrets: weakSecrets(given).map(({ variable }) => variable),
  })
}

/** A frozen copy with other top-level values, e.g. the URLs of servers that were started since. */
export function withConfig(config: Config, changes: Partial<Config>): Config {
  return deepFreeze(Object.assign({}, config, changes))
}

/** The known variables that are set; an empty text counts as unset. */
function givenTexts(variables: Record<string, string | undefined>): Record<string, string> {
  const texts = Object.keys(environment.shape).map((name) => [name, variables[name]?.trim() ?? ''] as const)
  return Object.fromEntries(texts.filter(([, value]) => value !== ''))
}

/** The first problem of each variable. */
function problemsOf({ issues }: ZodError): ConfigProblem[] {
  const byVariable = new Map<string, ConfigProblem>()
  for (const { path, message } of issues) {
    const variable = String(path[0])
    if (!byVariable.has(variable))
      byVariable.set(variable, { variable, problem: message, example: infoOf(variable).example })
  }
  return [...byVariable.values()]
}

function buildConfig(env: Environment, isTerminal: boolean): Omit<Config, 'weakSecrets'> {
  const host = env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST
  const demo = env.DEMO === null ? isDemoInstallation(env) : env.DEMO === 'on'
  return {
    role: env.ROLE,
    http: {
      host: env.HOST,
      port: env.PORT,
      publicUrl: env.PUBLIC_URL ?? `http://${host}:${env.PORT}`,
      trustedProxies: env.TRUSTED_PROXIES,
    },
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    dataDir: env.DATA_DIR,
    demo,
    queueBrowser: { writes: env.QUEUE_BROWSER_WRITES === 'on' },
    authSecret: env.AUTH_SECRET,
    encryptionKeys: [...(env.ENCRYPTION_KEY ?? []), ...derivedKeys(env)],
    admin: { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD },
    customerRateLimit: env.CUSTOMER_RATE_LIMIT,
    ...buildPlatforms(env),
    payments: env.PAYMENTS ?? defaultPayments(env, demo),
    stripe: {
      secretKey: env.STRIPE_SECRET_KEY,
      publishableKey: env.STRIPE_PUBLISHABLE_KEY,
      webhookSecret: env.STRIPE_WEBHOOK_SECRET,
      apiUrl: env.STRIPE_API_URL,
    },
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM },
    notifications: { allowPrivateTargets: env.ALLOW_PRIVATE_TARGETS === 'on' },
    stock: {
      softCapRatio: env.SOFT_CAP_RATIO,
      safetyStockRatio: env.SAFETY_STOCK_RATIO,
      holdTtlSeconds: env.HOLD_TTL_SECONDS,
    },
    intervals: {
      sweepSeconds: env.SWEEP_INTERVAL_SECONDS,
      meetupPollSeconds: env.MEETUP_POLL_SECONDS,
      rebalanceSeconds: env.REBALANCE_INTERVAL_SECONDS,
    },
    reconcile: { cron: env.RECONCILE_CRON, timezone: env.RECONCILE_TIMEZONE },
    retentionDays: env.RETENTION_DAYS,
    failSafe: { afterMs: env.FAIL_SAFE_AFTER_MS, recoveryMs: env.FAIL_SAFE_RECOVERY_MS },
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT ?? (isTerminal ? 'pretty' : 'json') },
    metrics: { token: env.METRICS_TOKEN },
    tracing: { on: isTracingEnabled(env) },
  }
}

/** A configured server may hold the data of a real event. */
function isDemoInstallation(env: Environment): boolean {
  const isEmpty = !hasPlatformCredential(env) && env.DATABASE_URL === null && env.REDIS_URL === null
  return isEmpty && !isDemoRemoved(env.DATA_DIR)
}

/** Outside the demo simulated payments sell tickets for nothing: they have to be configured by name. */
function defaultPayments({ STRIPE_SECRET_KEY }: Environment, demo: boolean): Config['payments'] {
  if (STRIPE_SECRET_KEY !== null) return 'stripe'
  return demo ? 'simulated' : 'none'
}

/** Off unless an exporter or an endpoint is set. */
function isTracingEnabled(env: Environment): boolean {
  if (env.OTEL_SDK_DISABLED.toLowerCase() === 'true') return false
  if (env.OTEL_TRACES_EXPORTER) return env.OTEL_TRACES_EXPORTER.includes('otlp')
  return Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT)
}

function buildPlatforms(env: Environment): Pick<Config, 'eventbrite' | 'luma' | 'meetup'> {
  return {
    eventbrite: {
      apiUrl: env.EVENTBRITE_API_URL,
      token: env.EVENTBRITE_TOKEN,
      webhookToken: env.EVENTBRITE_WEBHOOK_TOKEN,
      rateLimit: env.EVENTBRITE_RATE_LIMIT,
    },
    luma: {
      apiUrl: env.LUMA_API_URL,
      apiKey: env.LUMA_API_KEY,
      webhookSecrets: env.LUMA_WEBHOOK_SECRET ?? [],
      rateLimit: env.LUMA_RATE_LIMIT,
    },
    meetup: {
      apiUrl: env.MEETUP_API_URL,
      accessToken: env.MEETUP_ACCESS_TOKEN,
      jwt: buildMeetupJwt(env),
      webhookSecret: env.MEETUP_WEBHOOK_SECRET,
      rateLimit: env.MEETUP_RATE_LIMIT,
    },
  }
}

function buildMeetupJwt(env: Environment): MeetupJwt | null {
  const { MEETUP_CLIENT_KEY: clientKey, MEETUP_MEMBER_ID: memberId } = env
  const { MEETUP_SIGNING_KEY_ID: signingKeyId, MEETUP_PRIVATE_KEY: privateKey } = env
  if (!clientKey || !memberId || !signingKeyId || !privateKey) return null
  return { clientKey, memberId, signingKeyId, privateKey, tokenUrl: env.MEETUP_TOKEN_URL }
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part)
  return Object.freeze(value)
}

/** Also where a key is set: what was encrypted before it was is still readable. */
function derivedKeys({ DATABASE_URL, AUTH_SECRET }: Environment): string[] {
  return DATABASE_URL === null || AUTH_SECRET === null ? [] : [keyFromAuthSecret(AUTH_SECRET)]
}

/** The key of an installation on an external database that is given none. */
export function keyFromAuthSecret(authSecret: string): string {
  return `AUTH_SECRET ${authSecret}`
}
