/**
 * Prisma: access denied (P1000, P1010), unreachable (P1001), database missing (P1003), timeout (P1002, P1008), connection
 * closed (P1017), no free connection (P2024, P2028), deadlock victim (P2034), too many connections (P2037).
 * PostgreSQL: class 08, 28, 3D, 53 and 57P0x (connection, access, database, out of disk, memory or connections, shutting
 * down), read-only (25006), disk failure (58030), lock or statement timeout.
 */
const CODES =
  /^(P1000|P1001|P1002|P1003|P1008|P1010|P1017|P2024|P2028|P2034|P2037|08...|28...|3D000|57P0.|57014|55P03|53...|25006|58030|40P01|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)$/
const KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'])
const MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Can't reach database server|Query read timeout|Client was closed|Client has encountered a connection error/

/** Of those, the ones that concern a single transaction: a lock or statement timeout, a deadlock, a transaction that took too long. */
const BUSY = /^(P2028|P2034|57014|55P03|40P01)$/

const MAX_CAUSE_DEPTH = 5

/** Whether a statement failed because PostgreSQL is unavailable, overloaded or busy: a later retry may succeed. */
export function isDatabaseOutage(error: unknown): boolean {
  return isSomewhere(error, ({ code, kind, originalCode, message }) => {
    if (isOneOf(CODES, code, originalCode)) return true
    if (typeof kind === 'string' && KINDS.has(kind)) return true
    return typeof message === 'string' && MESSAGES.test(message)
  })
}

/** Whether a transaction failed because of others, while PostgreSQL is available: another transaction may succeed. */
export function isDatabaseBusy(error: unknown): boolean {
  return isSomewhere(error, ({ code, originalCode }) => isOneOf(BUSY, code, originalCode))
}

function isOneOf(codes: RegExp, ...values: unknown[]): boolean {
  return values.some((value) => typeof value === 'string' && codes.test(value))
}

/** Whether an error or one that caused it matches. */
function isSomewhere(error: unknown, matches: (fields: Record<string, unknown>) => boolean, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > MAX_CAUSE_DEPTH) return false
  const fields = error as Record<string, unknown>
  if (matches(fields)) return true
  const { cause, meta } = fields
  // Raw queries wrap the original error in P2010.
  const driverError =
    typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta && meta.driverAdapterError
  return isSomewhere(cause, matches, depth + 1) || isSomewhere(driverError, matches, depth + 1)
}

/** Whether a transaction was aborted because it took too long: a smaller one may succeed. */
export function isTransactionTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2028' && /expired|timeout/i.test(error.message)
}
