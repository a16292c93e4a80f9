import { randomBytes } from 'node:crypto'
import type { Config } from './config.js'
import { loadConfig } from './load-config.js'

type Variables = Record<string, string | undefined>

/** How a command was called: what it may colour, how it names itself in hints that can be copied, how much it tells. */
export function callOf({ NO_COLOR, npm_lifecycle_event: script, LOG_LEVEL }: Variables = process.env) {
  return {
    mayColour: !NO_COLOR,
    self: script === 'ops' ? 'npm run ops --' : 'traffic-police',
    tellsAll: LOG_LEVEL === 'debug' || LOG_LEVEL === 'trace',
  }
}

/**
 * The service's own configuration, for a command. Only errors are logged unless LOG_LEVEL says otherwise. A command
 * signs nothing: it needs no AUTH_SECRET. Throws ConfigError.
 */
export function loadCommandConfig(variables: Variables = process.env): Config {
  const LOG_LEVEL = variables['LOG_LEVEL']?.trim() || 'error'
  const AUTH_SECRET = variables['AUTH_SECRET']?.trim() || randomBytes(32).toString('base64url')
  return loadConfig({ ...variables, LOG_LEVEL, AUTH_SECRET }, process.stderr.isTTY)
}
