/**
 * Error replies of a Redis that cannot serve now: no master, out of memory, disk failure, loading, busy with a script,
 * too few replicas, too many clients, or migrating slots. EXECABORT and NOSCRIPT: the transaction or the script was
 * affected by one of these.
 */
const CODES =
  'READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MISCONF|OOM|NOREPLICAS|BUSY|TRYAGAIN|MOVED|ASK|EXECABORT|NOSCRIPT|UNBLOCKED'
const ERROR_REPLY = new RegExp(`^(${CODES})\\b`)
/** Up to Redis 6 the original error is wrapped in the script's error. */
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

const MAX_CAUSE_DEPTH = 3

/** Whether a Redis command failed because Redis is unreachable, hung, failing over or unable to serve. Its outcome is unknown. */
export function isRedisOutage(error: unknown): boolean {
  return isWithoutReply(error) || isOrIsCausedBy(error, ({ message }) => isReplyOfOutage(message))
}

/** Whether a Redis command failed because no reply arrived, rather than by a reply. */
export function isWithoutReply(error: unknown): boolean {
  return isOrIsCausedBy(
    error,
    (one) =>
      NAMES.has(one.name) ||
      NOT_CONNECTED.test(one.message) ||
      ('syscall' in one && 'code' in one && SOCKET_CODES.has(String(one.code))),
  )
}

function isReplyOfOutage(message: string): boolean {
  return ERROR_REPLY.test(message) || IN_SCRIPT.test(message)
}

function isOrIsCausedBy(error: unknown, matches: (error: Error) => boolean, depth = 0): boolean {
  if (!(error instanceof Error) || depth > MAX_CAUSE_DEPTH) return false
  return matches(error) || isOrIsCausedBy(error.cause, matches, depth + 1)
}

/** Whether the server is not a master, or not yet: the next connection may reach another server. */
export function meansFailover(error: Error): boolean {
  return /^(READONLY|LOADING)\b/.test(error.message) || /^ERR\b.*\bscript\b.*-READONLY\b/s.test(error.message)
}
