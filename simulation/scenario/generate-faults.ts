import type { RedisOutage } from '../../src/adapters/memory/memory-redis.js'
import type { ApiPlatform } from '../../src/domain/channel.js'
import type { Fault, FaultKnobs, FaultName, Random } from '../../simulators/kit/index.js'
import type { Action, FaultAction } from './actions.js'
import { latestLandingMs } from './generate-platforms.js'
import type { Shape } from './shape.js'

/** Faults of single calls that a client must survive. */
const CALL_FAULTS: readonly FaultName[] = [
  'throttle',
  'serverError',
  'serverErrorAfterApply',
  'timeoutBeforeApply',
  'timeoutAfterApply',
  'connectionReset',
  'connectionResetAfterApply',
  'malformed',
]

const OUTAGES: readonly RedisOutage[] = ['closed', 'silent', 'reply-lost', 'read-only']

/** Between none and about a dozen faults. */
export function faultsOf(shape: Shape): Action[] {
  const { random, activeMs } = shape
  const count = random.pick([0, 1, 2, 3, 5, 8, 12])
  const faults = Array.from({ length: count }, () => ({ atMs: random.integer(0, activeMs), ...faultOf(shape) }))
  return [...faults, ...faults.flatMap(reconciliationDuring)]
}

/** Lists that omit orders matter most to a reconciliation. */
function reconciliationDuring({ atMs, ...fault }: Action): Action[] {
  if (fault.kind !== 'platform-faults') return []
  const { truncatedPage = 0, emptyPage = 0 } = fault.knobs
  return truncatedPage + emptyPage > 0 ? [{ atMs, kind: 'reconcile' }] : []
}

function faultOf(shape: Shape): FaultAction {
  const { random, processes, listings } = shape
  const process = random.integer(0, processes - 1)
  const platform = random.pick(listings).platform
  const forMs = random.pick([500, 2_000, 5_000, 15_000, 40_000])
  const choices: (() => FaultAction)[] = [
    () => ({ kind: 'platform-faults', platform, forMs, knobs: knobsOf(random, platform) }),
    () => ({ kind: 'platform-faults', platform, forMs, knobs: knobsOf(random, platform) }),
    () => ({ kind: 'scripted-fault', platform, fault: callFaultOf(random) }),
    () => ({ kind: 'scripted-fault', platform, fault: callFaultOf(random) }),
    () => killOf(random, process),
    () => killOf(random, process),
    () => ({ kind: 'redis-outage', outage: random.pick(OUTAGES), forMs }),
    () => ({ kind: 'redis-outage', outage: random.pick(OUTAGES), forMs }),
    () => ({ kind: random.pick(['redis-lost', 'redis-failed-over']) }),
    () => ({ kind: 'redis-rolled-back', afterMs: random.pick([10, 200, 1_500]) }),
    () => ({ kind: 'redis-unreachable', process, outage: random.pick(OUTAGES), forMs }),
    () => ({ kind: 'database-down', forMs: Math.min(forMs, 15_000) }),
    () => ({ kind: 'database-unreachable', process, forMs: Math.min(forMs, 15_000) }),
    () => ({ kind: 'lost-results', process, forMs: Math.min(forMs, 5_000), share: random.pick([0.05, 0.3]) }),
    () => ({ kind: 'clock-jump', process, byMs: random.pick([-60_000, -2_000, 2_000, 60_000]) }),
  ]
  return random.pick(choices)()
}

function killOf(random: Random, process: number): FaultAction {
  const moment = random.pick(['before', 'after'] as const)
  const restartAfterMs = random.pick([100, 1_000, 5_000, 20_000])
  return { kind: 'kill-process', process, afterSteps: random.integer(0, 400), moment, restartAfterMs }
}

function callFaultOf(random: Random): Fault {
  const on = random.pick(['any', 'read', 'write', 'write'] as const)
  return {
    fault: random.pick(CALL_FAULTS),
    on,
    skip: random.integer(0, 3),
    calls: random.integer(1, 3),
    lateApplyMs: 0,
  }
}

function knobsOf(random: Random, platform: ApiPlatform): Partial<FaultKnobs> {
  const share = random.pick([0.05, 0.3, 0.8])
  const latest = latestLandingMs(platform)
  return random.pick<Partial<FaultKnobs>>([
    { webhookLoss: share },
    { webhookDuplicate: share, webhookReorder: share },
    { webhookDelayMs: random.pick([1_000, 20_000]) },
    { timeoutAfterApply: share },
    { timeoutBeforeApply: share, lateApplyMs: Math.min(random.pick([0, 2_000, 15_000]), latest) },
    { connectionReset: share },
    { serverErrorRate: share, serverErrorHtml: random.chance(0.5) },
    { throttleRate: share },
    { latencyMs: random.pick<FaultKnobs['latencyMs']>([200, { p50: 300, p99: 4_000 }]) },
    { readLagMs: random.pick([500, 3_000]) },
    { truncatedPage: share },
    { emptyPage: share },
    { clockSkewMs: random.pick([-30_000, 30_000]) },
  ])
}
