import { DomainError, type ErrorCode } from '../../domain/errors.js'
import { ConfigError } from '../../infrastructure/config/load-config.js'
import { isDatabaseOutage } from '../../infrastructure/errors/database-outage.js'
import { isRedisOutage } from '../../infrastructure/errors/redis-outage.js'
import { EventUnknown } from '../../stock/ledger.js'
import { PROGRAM_NAME } from './program-name.js'

/** Exit codes for scripts. */
export const EXIT = { done: 0, failed: 1, usage: 2, notFound: 3, unreachable: 4 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An error for display: a stable code, the message and how to fix it. */
export interface CliProblem {
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
  new CliError('NOT_FOUND', EXIT.notFound, 'There is no such event.', `Find its id with ${PROGRAM_NAME} events list`)

const EXIT_BY_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  NOT_FOUND: EXIT.notFound,
  VALIDATION_FAILED: EXIT.usage,
  UNAVAILABLE: EXIT.unreachable,
}
const FIX_BY_CODE: Partial<Record<ErrorCode, string>> = {
  NOT_FOUND: `Find the id with ${PROGRAM_NAME} events list, ${PROGRAM_NAME} webhooks list or ${PROGRAM_NAME} mails list`,
  VALIDATION_FAILED: 'Correct the value and try again',
  NOT_COMPOSABLE: 'Reach the recipient in another way, if it still matters',
  STATE_CONFLICT: 'Try again when the state allows it',
}
/** Prisma: a table or column does not exist. */
const SCHEMA_CODES = new Set(['P2021', 'P2022'])

/** Converts any error to an actionable message. */
export function explain(error: unknown): CliProblem {
  if (error instanceof CliError) return error
  const message = error instanceof Error ? error.message || error.name : String(error)
  if (error instanceof ConfigError)
    return { code: 'CONFIGURATION', exit: EXIT.failed, message, fix: 'Correct these variables and try again' }
  if (error instanceof EventUnknown) return noSuchEvent()
  if (error instanceof DomainError) {
    const { code } = error
    return {
      code,
      exit: EXIT_BY_CODE[code] ?? EXIT.failed,
      message,
      fix: FIX_BY_CODE[code] ?? `See ${PROGRAM_NAME} doctor`,
    }
  }
  if (error instanceof Error && 'code' in error && SCHEMA_CODES.has(String(error.code))) return schemaOutdated()
  if (isRedisOutage(error)) return unreachable('REDIS_UNREACHABLE', `Redis is unreachable: ${message}`, 'REDIS_URL')
  if (isDatabaseOutage(error))
    return unreachable('DATABASE_UNREACHABLE', `PostgreSQL is unreachable: ${message}`, 'DATABASE_URL')
  return {
    code: 'FAILED',
    exit: EXIT.failed,
    message,
    fix: `See ${PROGRAM_NAME} doctor; LOG_LEVEL=debug shows details`,
  }
}

export function unreachable(code: string, message: string, variable: string): CliError {
  return new CliError(code, EXIT.unreachable, message, `Start the server, or correct ${variable}`)
}

export function databaseCreated(): CliError {
  const message = 'The database has just been created: this installation has no data'
  const fix = 'Correct DATA_DIR, DATABASE_URL or the folder this is run in, or start the service first'
  return new CliError('DATABASE_CREATED', EXIT.unreachable, message, fix)
}

function schemaOutdated(): CliProblem {
  const message = 'The database schema does not match this version'
  const fix = 'Start the service: it migrates at start (or: npm run prisma -- migrate deploy)'
  return { code: 'SCHEMA_OUTDATED', exit: EXIT.failed, message, fix }
}
