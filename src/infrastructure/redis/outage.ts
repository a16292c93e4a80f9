/**
 * Answers of a Redis that cannot serve now: it lost its master, its memory or its disk, is loading, is busy with a
 * script, has too few replicas or too many clients, or its slots are on their way. EXECABORT and NOSCRIPT: the
 * transaction or the script met one of these.
 */
const CODES =
  'READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MISCONF|OOM|NOREPLICAS|BUSY|TRYAGAIN|MOVED|ASK|EXECABORT|NOSCRIPT|UNBLOCKED'
const ANSWERED = new RegExp(`^(${CODES})\\b`)
/** Up to Redis 6 what a script met stands inside its own error. */
const IN_SCRIPT = new RegExp(`^ERR\\b.*\\bscript\\b.*-(${CODES})\\b`, 's')
const NOT_CONNECTED =
  /^(Command timed out|Connection is closed|Stream isn't writeable|Socket closed|Socket timeout|Command aborted due to connection close|Too many Cluster redirections|All sentinels are unreachable|ERR max number of clients)/
const NAMES = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError'])
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
])

const DEEPEST_CAUSE = 3

/** Whether a Redis command failed because Redis is away, hung, changing masters or unable to serve. Its effect is unknown. */
export function isRedisOutage(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > DEEPEST_CAUSE) return false
  const { message, name } = error
  if (NAMES.has(name) || [ANSWERED, IN_SCRIPT, NOT_CONNECTED].some((pattern) => pattern.test(message))) return true
  if ('syscall' in error && 'code' in error && SOCKET_CODES.has(String(error.code))) return true
  return isRedisOutage(error.cause, depth + 1)
}

/** Whether the server that answered is no master, or not one yet: the next connection may find another. */
export function meansFailover(error: Error): boolean {
  return /^(READONLY|LOADING)\b/.test(error.message) || /^ERR\b.*\bscript\b.*-READONLY\b/s.test(error.message)
}
