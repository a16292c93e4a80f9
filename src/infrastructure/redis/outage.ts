const MESSAGES =
  /^(Command timed out|Connection is closed|Stream isn't writeable|Socket closed|Socket timeout|(READONLY|LOADING|CLUSTERDOWN|MASTERDOWN)\b)/
const NAMES = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError'])

/** Whether a Redis command failed because Redis is away, hung or changing masters. Its effect is unknown. */
export function isRedisOutage(error: unknown): boolean {
  return error instanceof Error && (NAMES.has(error.name) || MESSAGES.test(error.message))
}
