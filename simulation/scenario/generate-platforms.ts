import type { ApiPlatform } from '../../src/domain/channel.js'
import { EVENTBRITE_SETTLE_MS } from '../../src/platforms/eventbrite/config.js'
import { LUMA_SETTLE_MS } from '../../src/platforms/luma/config.js'
import { MEETUP_SETTLE_MS } from '../../src/platforms/meetup/client/operations.js'
import type { FaultKnobs, Random } from '../../simulators/kit/index.js'
import type { PlatformLimit, Scenario } from './actions.js'

/** How long after its call a write may still land, as the service assumes, ms. */
export const SETTLE_MS: Record<ApiPlatform, number> = {
  EVENTBRITE: EVENTBRITE_SETTLE_MS,
  LUMA: LUMA_SETTLE_MS,
  MEETUP: MEETUP_SETTLE_MS,
}
/** A write lands at least this long before the service relies on it having landed, ms. */
const MARGIN_MS = 500

/** How long after its client gave up a write may land there. */
export const latestLandingMs = (platform: ApiPlatform): number => SETTLE_MS[platform] - MARGIN_MS

/**
 * Undocumented behaviours whose other values are drawn, the default first. Not among them: those under which no client can
 * keep a cap or read a list (a limit that does not count guests, or is removed by opening; guests without tickets; lists
 * that never end), and those that only login and subscriptions depend on.
 */
const TOGGLES: Record<ApiPlatform, Record<string, readonly unknown[]>> = {
  EVENTBRITE: {
    capacityBelowSold: ['reject', 'accept'],
    evictCartsOnShrink: ['no', 'yes'],
    waitlistPromotion: ['off', 'offer'],
    echoOwnWrites: ['yes', 'no'],
    retryAfterHeader: ['no', 'yes'],
    defaultOrderStatus: ['active', 'both'],
    lateOrderStatuses: ['no', 'yes'],
    tierWrapper: ['both', 'wrapped'],
    hidingRefused: ['no', 'yes'],
    holdsRefused: ['no', 'yes'],
    earlySalesEnd: ['any', 'afterStart', 'afterCreation', 'never'],
    classCountsCarts: ['no', 'yes'],
    webhookEventId: ['accept', 'reject'],
    throttleSeconds: [2, 20],
    emptyExpansion: [0, 0.2],
    duplicateAcrossPages: [0, 0.2],
  },
  LUMA: {
    sessionHoldsCapacity: ['no', 'yes'],
    maxCapacityBelowCount: ['accept', 'reject'],
    autoPromote: ['off', 'on'],
    waitlistFreeOnly: ['yes', 'no'],
    waitlistApi: ['absent', 'accepted', 'ignored'],
    registrationOpenApi: ['absent', 'accepted', 'ignored'],
    selfCancelShape: ['declined', 'vanishes'],
    resetHeader: ['unix', 'iso'],
    idNames: ['id', 'api_id'],
    reRegistration: ['sameGuest', 'newGuest'],
    maxPageSize: [100, 20],
    invitedPerRegistration: [10, 0],
  },
  MEETUP: {
    limitBelowYes: ['accept', 'refuse'],
    closeWipesSettings: ['yes', 'no'],
    omittedSettings: ['kept', 'reset'],
    throttleStatus: [429, 200],
    throttleAsEmptyPage: ['no', 'yes'],
    windowKind: ['fixed', 'sliding'],
    budgetScope: ['client+member', 'client'],
    yesCountIsHeads: ['no', 'yes'],
    forbiddenEvent: ['null', 'error'],
    emailVisible: ['no', 'yes'],
    largeParty: ['skip', 'block'],
    forcedResetAt: ['future', 'past', 'absent'],
    shiftWhilePaging: [0, 0.2],
    paymentLapse: [0, 20_000],
  },
}

/** Behaviours whose two sides matter most: each is drawn as often. */
const EVEN = new Set(['sessionHoldsCapacity', 'capacityBelowSold', 'maxCapacityBelowCount', 'limitBelowYes'])

/** Only values that differ from the default. */
export function togglesOf(random: Random, platforms: readonly ApiPlatform[]): NonNullable<Scenario['toggles']> {
  return Object.fromEntries(
    platforms.map((platform) => {
      const drawn = Object.entries(TOGGLES[platform]).flatMap(([name, [, ...others]]) =>
        random.chance(EVEN.has(name) ? 0.5 : 0.2) ? [[name, random.pick(others)] as const] : [],
      )
      return [platform, Object.fromEntries(drawn)]
    }),
  )
}

/** Each pays for the most expensive single call many times over. Meetup does not report its limit. */
const LOWER_LIMITS: Record<ApiPlatform, { limits: readonly number[]; windowSeconds: number; isReported: boolean }> = {
  EVENTBRITE: { limits: [500, 1_000, 1_500], windowSeconds: 3_600, isReported: true },
  LUMA: { limits: [60, 100], windowSeconds: 60, isReported: true },
  MEETUP: { limits: [150, 250], windowSeconds: 60, isReported: false },
}

export function lowerLimitOf(random: Random, platform: ApiPlatform): PlatformLimit {
  const { limits, windowSeconds, isReported } = LOWER_LIMITS[platform]
  return { limit: random.pick(limits), windowSeconds, isConfigured: !isReported || random.chance(0.5) }
}

const LATENCIES: readonly FaultKnobs['latencyMs'][] = [0, 0, { p50: 80, p99: 600 }, { p50: 300, p99: 3_000 }]

export function latenciesOf(random: Random, platforms: readonly ApiPlatform[]): NonNullable<Scenario['latencyMs']> {
  const drawn = platforms.map((platform) => [platform, random.pick(LATENCIES)] as const)
  return Object.fromEntries(drawn.filter(([, latencyMs]) => latencyMs !== 0))
}
