import { randomBytes } from 'node:crypto'
import type { Config } from './config.js'
import { keyFromAuthSecret, loadConfig, withConfig } from './load-config.js'

type Variables = Record<string, string | undefined>

/** How the CLI was invoked: whether colour is allowed, the program name for copyable hints, whether to print stack traces. */
export function invocationOf({ NO_COLOR, npm_lifecycle_event: script, LOG_LEVEL }: Variables = process.env) {
  return {
    colourAllowed: !NO_COLOR,
    programName: script === 'ops' ? 'npm run ops --' : 'traffic-police',
    verbose: LOG_LEVEL === 'debug' || LOG_LEVEL === 'trace',
  }
}

/**
 * The service's configuration for a command. The default LOG_LEVEL is `error`. A command signs nothing: AUTH_SECRET is
 * not required. Throws ConfigError.
 */
export function loadCommandConfig(variables: Variables = process.env): Config {
  const LOG_LEVEL = variables['LOG_LEVEL']?.trim() || 'error'
  const given = variables['AUTH_SECRET']?.trim()
  const AUTH_SECRET = given || randomBytes(32).toString('base64url')
  const config = loadConfig({ ...variables, LOG_LEVEL, AUTH_SECRET }, process.stderr.isTTY)
  if (given) return config
  // No other process would have the key that is derived from a secret of this command.
  const encryptionKeys = config.encryptionKeys.filter((key) => key !== keyFromAuthSecret(AUTH_SECRET))
  return withConfig(config, { encryptionKeys })
}
