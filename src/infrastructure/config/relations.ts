import type { Environment } from './environment.js'

export interface UserFacingError {
  variable: string
  problem: string
  example: string
}

const MEETUP_JWT = ['MEETUP_CLIENT_KEY', 'MEETUP_MEMBER_ID', 'MEETUP_SIGNING_KEY_ID', 'MEETUP_PRIVATE_KEY'] as const

/** The rules between variables: what one of them asks of another. */
export function checkRelations(env: Environment): UserFacingError[] {
  return [...needAuthSecret(env), ...needWholeMeetupGroup(env), ...needSender(env)]
}

/** Whether a platform can be called for real. */
export function hasPlatformCredential(env: Environment): boolean {
  return [env.EVENTBRITE_TOKEN, env.LUMA_API_KEY, env.MEETUP_ACCESS_TOKEN, env.MEETUP_CLIENT_KEY].some(Boolean)
}

function needAuthSecret(env: Environment): UserFacingError[] {
  if (env.AUTH_SECRET || !env.DATABASE_URL || !env.REDIS_URL) return []
  const problem = 'is required when the servers are not embedded (every instance must sign alike)'
  return [{ variable: 'AUTH_SECRET', problem, example: '<at least 16 random characters>' }]
}

function needWholeMeetupGroup(env: Environment): UserFacingError[] {
  const missing = MEETUP_JWT.filter((name) => env[name] === null)
  if (missing.length === 0 || missing.length === MEETUP_JWT.length) return []
  const present = MEETUP_JWT.find((name) => env[name] !== null)
  const problem = `is required because ${present} is set (these belong together: ${MEETUP_JWT.join(', ')})`
  return missing.map((variable) => ({ variable, problem, example: '<as shown in the OAuth client of Meetup>' }))
}

function needSender(env: Environment): UserFacingError[] {
  if (!env.SMTP_URL || env.MAIL_FROM) return []
  const problem = 'is required because SMTP_URL is set'
  return [{ variable: 'MAIL_FROM', problem, example: 'Tickets <tickets@example.com>' }]
}
