/**
 * Prisma: not let in (P1000, P1010), cannot reach (P1001), no such database (P1003), timed out (P1002, P1008),
 * connection closed (P1017), no free connection (P2024, P2028), gave way in a deadlock (P2034, P2037: too many).
 * PostgreSQL: class 08, 28, 3D, 53 and 57P0x (connection, access, database, no disk or memory or connection left, shutting
 * down), read-only (25006), disk failure (58030), lock or statement timeout.
 */
const CODES =
  /^(P1000|P1001|P1002|P1003|P1008|P1010|P1017|P2024|P2028|P2034|P2037|08...|28...|3D000|57P0.|57014|55P03|53...|25006|58030|40P01|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)$/
const KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'])
const MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Can't reach database server|Query read timeout|Client was closed|Client has encountered a connection error/

const DEEPEST_CAUSE = 5

/** Whether a statement failed because PostgreSQL is away, overloaded or busy: trying again later may work. */
export function isDatabaseOutage(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > DEEPEST_CAUSE) return false
  const { code, kind, originalCode, message, cause, meta } = error as Record<string, unknown>
  if ([code, originalCode].some((value) => typeof value === 'string' && CODES.test(value))) return true
  if (typeof kind === 'string' && KINDS.has(kind)) return true
  if (typeof message === 'string' && MESSAGES.test(message)) return true
  // Raw queries hide what happened behind P2010.
  const driverError =
    typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta && meta.driverAdapterError
  return isDatabaseOutage(cause, depth + 1) || isDatabaseOutage(driverError, depth + 1)
}

/** Whether a transaction was ended because it had lasted too long: a smaller one may be done in time. */
export function isTransactionTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2028' && /expired|timeout/i.test(error.message)
}
