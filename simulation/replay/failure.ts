const MAX_DEPTH = 5
/** The same failure under the codes of Prisma and of PostgreSQL. */
const CLASSES: Record<string, string> = {
  P2002: 'unique key',
  '23505': 'unique key',
  '23514': 'check',
  P2004: 'check',
  P0001: 'check',
  '55P03': 'lock timeout',
}

/** The class of an error of a store, which is the same in PostgreSQL and in memory. */
export function failureOf(error: unknown): string {
  return classOf(error, 0) ?? (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
}

/** The end of the process, of the connection, or of the time to wait for a lock ended the call: it has had no effect. */
export function isInterrupted(error: unknown): boolean {
  const isEnded = error instanceof Error && error.message.startsWith('Connection terminated')
  return isEnded || failureOf(error) === 'lock timeout'
}

function classOf(error: unknown, depth: number): string | null {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return null
  const { name, code, originalCode, cause, meta } = error as Record<string, unknown>
  const driverError =
    typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta ? meta.driverAdapterError : null
  const inner = classOf(cause, depth + 1) ?? classOf(driverError, depth + 1)
  if (inner !== null) return inner
  for (const value of [originalCode, code]) if (typeof value === 'string' && CLASSES[value]) return CLASSES[value]
  return name === 'EventUnknown' || name === 'ChannelUnknown' ? name : null
}
