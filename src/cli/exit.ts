import { DomainError, type ErrorCode } from '../domain/errors.js'
import { ConfigError } from '../infrastructure/config/load-config.js'
import { isDatabaseOutage } from '../infrastructure/prisma/outage.js'
import { isRedisOutage } from '../infrastructure/redis/outage.js'
import { EventUnknown } from '../inventory/ledger.js'
import { SELF } from './self.js'

/** What scripts go by. */
export const EXIT = { done: 0, failed: 1, usage: 2, notFound: 3, unreachable: 4 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What failed and why, under a stable code, and what to do about it. */
export interface UserFacingError {
  code: string
  exit: ExitCode
  message: string
  fix: string
}

export class CliError extends Error {
  override readonly name = 'CliError'

  constructor(
    readonly code: string,
    readonly exit: ExitCode,
    message: string,
    readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

export const usage = (message: string, fix: string) => new CliError('USAGE', EXIT.usage, message, fix)

export const noSuchEvent = () =>
  new CliError('NOT_FOUND', EXIT.notFound, 'There is no such event.', `Look its id up: ${SELF} events list`)

const BY_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  NOT_FOUND: EXIT.notFound,
  VALIDATION_FAILED: EXIT.usage,
  UNAVAILABLE: EXIT.unreachable,
}
const FIX: Partial<Record<ErrorCode, string>> = {
  NOT_FOUND: `Look the id up: ${SELF} events list, ${SELF} webhooks list`,
  VALIDATION_FAILED: 'Correct the value and try again',
  STATE_CONFLICT: 'Try again when the state allows it',
}
/** Prisma: a table or column is not there. */
const SCHEMA = new Set(['P2021', 'P2022'])

/** Any error in words that a person can act on. */
export function explain(error: unknown): UserFacingError {
  if (error instanceof CliError) return error
  const message = error instanceof Error ? error.message || error.name : String(error)
  if (error instanceof ConfigError)
    return { code: 'CONFIGURATION', exit: EXIT.failed, message, fix: 'Correct these variables and try again' }
  if (error instanceof EventUnknown) return noSuchEvent()
  if (error instanceof DomainError) {
    const { code } = error
    return { code, exit: BY_CODE[code] ?? EXIT.failed, message, fix: FIX[code] ?? `See ${SELF} doctor` }
  }
  if (error instanceof Error && 'code' in error && SCHEMA.has(String(error.code))) return outdated()
  if (isRedisOutage(error)) return unreachable('REDIS_UNREACHABLE', `Redis does not answer: ${message}`, 'REDIS_URL')
  if (isDatabaseOutage(error))
    return unreachable('DATABASE_UNREACHABLE', `PostgreSQL does not answer: ${message}`, 'DATABASE_URL')
  return { code: 'FAILED', exit: EXIT.failed, message, fix: `See ${SELF} doctor; LOG_LEVEL=debug tells more` }
}

export function unreachable(code: string, message: string, variable: string): CliError {
  return new CliError(code, EXIT.unreachable, message, `Start the server, or correct ${variable}`)
}

function outdated(): UserFacingError {
  const message = 'The database does not have the tables of this version'
  const fix = 'Start the service: it migrates at start (or: npm run prisma -- migrate deploy)'
  return { code: 'SCHEMA_OUTDATED', exit: EXIT.failed, message, fix }
}
