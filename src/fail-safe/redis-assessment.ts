import type { LiveInstance } from '../infrastructure/instances/instances.js'

const MAX_LISTED = 5

/**
 * - `REACHABLE`: this instance reaches Redis.
 * - `ISOLATED`: this instance does not, at least half of the live ones do: the failure is local, no channel is closed.
 * - `UNREACHABLE`: a majority of the live instances does not reach Redis. A single instance decides alone.
 */
export type RedisAssessment =
  { kind: 'REACHABLE' } | { kind: 'ISOLATED'; reason: string } | { kind: 'UNREACHABLE'; reason: string }

/** Combines the reports of all live instances into an assessment for the instance `ownId`. */
export function assessRedis(
  ownId: string,
  own: { redisOk: boolean; lastError: string },
  live: readonly LiveInstance[],
): RedisAssessment {
  const others = live.filter(({ id }) => id !== ownId)
  const unreachable = live.filter(({ id, redisOk }) => id !== ownId && !redisOk)
  const counted = live.some(({ id }) => id === ownId)
  const alone = others.length === 0
  // A command has no vote while service processes are live.
  const voters = alone ? 1 : live.length
  const votesAgainst = unreachable.length + (alone || counted ? Number(!own.redisOk) : 0)
  if (votesAgainst * 2 > voters)
    return { kind: 'UNREACHABLE', reason: `Redis is unreachable: ${errorOf(own, unreachable)}${namesOf(live)}` }
  if (own.redisOk) return { kind: 'REACHABLE' }
  return { kind: 'ISOLATED', reason: `Redis is unreachable from this instance only: ${own.lastError}` }
}

function errorOf(own: { redisOk: boolean; lastError: string }, unreachable: readonly LiveInstance[]): string {
  return own.redisOk ? (unreachable[0]?.lastError ?? 'unknown error') : own.lastError
}

function namesOf(live: readonly LiveInstance[]): string {
  const names = live.filter(({ redisOk }) => !redisOk).map(({ name }) => name)
  if (names.length === 0) return ''
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : ''
  return ` (reported by ${names.slice(0, MAX_LISTED).join(', ')}${more})`
}
