import type { Environment } from './environment.js'
import { LOOPBACK } from './loopback.js'
import { weakSecrets } from './weak-secrets.js'

export interface ConfigProblem {
  variable: string
  problem: string
  example: string
}

const MEETUP_JWT = ['MEETUP_CLIENT_KEY', 'MEETUP_MEMBER_ID', 'MEETUP_SIGNING_KEY_ID', 'MEETUP_PRIVATE_KEY'] as const

/** The texts of the variables that are set. Invalid ones count too, so that everything is reported at once. */
type GivenTexts = Partial<Record<string, string>>

/** Checks the rules between variables: what one variable requires of another. */
export function checkRelations(given: GivenTexts): ConfigProblem[] {
  return [
    ...requireAuthSecret(given),
    ...requireCompleteMeetupJwt(given),
    ...requireMailSender(given),
    ...requireStripeKey(given),
    ...refuseWeakSecrets(given),
  ]
}

/** Whether the credentials of any real platform are set. */
export function hasPlatformCredential(env: Environment): boolean {
  return [env.EVENTBRITE_TOKEN, env.LUMA_API_KEY, env.MEETUP_ACCESS_TOKEN, env.MEETUP_CLIENT_KEY].some(Boolean)
}

function requireAuthSecret(given: GivenTexts): ConfigProblem[] {
  if (given.AUTH_SECRET || !given.DATABASE_URL || !given.REDIS_URL) return []
  const problem = 'is required when the servers are not embedded (every instance must use the same one)'
  return [{ variable: 'AUTH_SECRET', problem, example: '<at least 16 random characters>' }]
}

function requireCompleteMeetupJwt(given: GivenTexts): ConfigProblem[] {
  const missing = MEETUP_JWT.filter((name) => given[name] === undefined)
  if (missing.length === 0 || missing.length === MEETUP_JWT.length) return []
  const present = MEETUP_JWT.find((name) => given[name] !== undefined)
  const problem = `is required because ${present} is set (these belong together: ${MEETUP_JWT.join(', ')})`
  return missing.map((variable) => ({ variable, problem, example: '<as shown in the OAuth client of Meetup>' }))
}

function requireMailSender(given: GivenTexts): ConfigProblem[] {
  if (!given.SMTP_URL || given.MAIL_FROM) return []
  const problem = 'is required because SMTP_URL is set'
  return [{ variable: 'MAIL_FROM', problem, example: 'Tickets <tickets@example.com>' }]
}

function requireStripeKey(given: GivenTexts): ConfigProblem[] {
  if (given.PAYMENTS !== 'stripe' || given.STRIPE_SECRET_KEY) return []
  return [{ variable: 'STRIPE_SECRET_KEY', problem: 'is required because PAYMENTS is stripe', example: '<the secret>' }]
}

/** Whether other machines can reach the service: then a weak secret is refused, else a warning is logged. */
export function isExposed({ HOST = '127.0.0.1', PUBLIC_URL }: GivenTexts): boolean {
  const publicHost = PUBLIC_URL !== undefined && URL.canParse(PUBLIC_URL) ? new URL(PUBLIC_URL).hostname : 'localhost'
  return !LOOPBACK.test(HOST) || !LOOPBACK.test(publicHost)
}

function refuseWeakSecrets(given: GivenTexts): ConfigProblem[] {
  if (!isExposed(given)) return []
  return weakSecrets(given).map((weak) => ({ ...weak, example: '<random characters>' }))
}
