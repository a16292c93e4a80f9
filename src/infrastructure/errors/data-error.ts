/**
 * Prisma: invalid value (P2000, P2005, P2006, P2007, P2019, P2020, P2023, P2033), constraint (P2002, P2003, P2004, P2011,
 * P2012, P2014). PostgreSQL: class 22 (data), 23 (constraints), 54 (too large), P0001 (raised by a trigger).
 */
const CODES = /^(P2000|P200[2-7]|P201[1249]|P2020|P2023|P2033|(22|23|54)[0-9A-Z]{3}|P0001)$/
const NAMES = new Set(['PrismaClientValidationError', 'TypeError', 'RangeError'])

const MAX_CAUSE_DEPTH = 5

/** Whether a write failed because of its values: retrying it with the same values fails again. */
export function isDataError(error: unknown): boolean {
  return dataCode(error) !== null
}

/** The reason without repeating the values; null if they are not the cause. */
export function dataErrorReason(error: unknown): string | null {
  const code = dataCode(error)
  return code === null ? null : `refused by the database (${code})`
}

function dataCode(error: unknown, depth = 0): string | null {
  if (typeof error !== 'object' || error === null || depth > MAX_CAUSE_DEPTH) return null
  const { name, code, originalCode, cause, meta } = error as Record<string, unknown>
  // Raw queries wrap the original error in P2010: the innermost code is the most specific.
  const driverError =
    typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta ? meta.driverAdapterError : null
  const inner = dataCode(cause, depth + 1) ?? dataCode(driverError, depth + 1)
  if (inner !== null) return inner
  const own = [originalCode, code].find((value) => typeof value === 'string' && CODES.test(value))
  if (typeof own === 'string') return own
  return typeof name === 'string' && NAMES.has(name) ? name : null
}
