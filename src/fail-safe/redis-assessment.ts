import type { LiveInstance } from '../infrastructure/instances/instances.js'

const MAX_LISTED = 5

/**
 * - `ANSWERS`: Redis answers this instance.
 * - `ISOLATED`: not this one, but at least half of those that live: the fault is here, and nothing is closed for it.
 * - `GONE`: it does not answer a majority of those that live. An instance that is alone believes itself.
 */
export type RedisAssessment =
  { kind: 'ANSWERS' } | { kind: 'ISOLATED'; reason: string } | { kind: 'GONE'; reason: string }

/** What the instances that live say together about Redis, as seen by the instance `ownId`. */
export function assessRedis(
  ownId: string,
  own: { redisOk: boolean; why: string },
  live: readonly LiveInstance[],
): RedisAssessment {
  const others = live.filter(({ id }) => id !== ownId)
  const without = live.filter(({ id, redisOk }) => id !== ownId && !redisOk)
  const counted = live.some(({ id }) => id === ownId)
  const alone = others.length === 0
  // A command beside service processes is no witness.
  const voters = alone ? 1 : live.length
  const against = without.length + (alone || counted ? Number(!own.redisOk) : 0)
  if (against * 2 > voters)
    return { kind: 'GONE', reason: `Redis does not answer: ${whyOf(own, without)}${namesOf(live)}` }
  if (own.redisOk) return { kind: 'ANSWERS' }
  return { kind: 'ISOLATED', reason: `Redis does not answer this instance alone: ${own.why}` }
}

function whyOf(own: { redisOk: boolean; why: string }, without: readonly LiveInstance[]): string {
  return own.redisOk ? (without[0]?.why ?? 'no answer') : own.why
}

function namesOf(live: readonly LiveInstance[]): string {
  const names = live.filter(({ redisOk }) => !redisOk).map(({ name }) => name)
  if (names.length === 0) return ''
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : ''
  return ` (not reached by ${names.slice(0, MAX_LISTED).join(', ')}${more})`
}
