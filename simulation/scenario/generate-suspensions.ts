import type { Random } from '../../simulators/kit/index.js'
import type { Action, FaultAction } from './actions.js'
import { latestLandingMs } from './generate-platforms.js'
import { takeoversOf } from './generate-takeovers.js'
import type { Shape } from './shape.js'

/** Calls before which a process pauses: around a write, its record and its confirmation; and any. */
const POINTS = ['.stampSent', '.locked', 'http://', 'MemoryStockGate.take', 'MemoryStockGate.install', 'Memory']

/** Processes that pause or lose their connections, and writes that land after newer ones. */
export function suspensionsOf(shape: Shape): Action[] {
  const { random, activeMs } = shape
  const count = random.pick([0, 0, 1, 2, 4])
  const suspensions = Array.from({ length: count }, () => ({
    atMs: random.integer(0, activeMs),
    ...suspensionOf(shape),
  }))
  return [...suspensions, ...takeoversOf(shape)]
}

function suspensionOf(shape: Shape): FaultAction {
  const { random, processes, listings } = shape
  const process = random.integer(0, processes - 1)
  const choices: (() => FaultAction)[] = [
    () => pauseOf(random, process),
    () => pauseOf(random, process),
    () => ({ kind: 'connections-lost', process, noticedAfterMs: random.pick([0, 300, 5_000, 10_000]) }),
    () => lateWriteOf(random, random.pick(listings).platform),
    () => lateWriteOf(random, random.pick(listings).platform),
  ]
  return random.pick(choices)()
}

function pauseOf(random: Random, process: number): FaultAction {
  const point = random.chance(0.7) ? { on: random.pick(POINTS), skip: random.integer(0, 5) } : null
  const forMs = random.pick([1_000, 4_000, 12_000, 30_000, 80_000])
  const noticedAfterMs = random.pick([0, 300, 10_000])
  return { kind: 'pause-process', process, forMs, keptMs: random.pick([2_000, 30_000]), noticedAfterMs, point }
}

/** The request is lost on its way for some time, and lands. */
function lateWriteOf(random: Random, platform: Shape['listings'][number]['platform']): FaultAction {
  const lateApplyMs = random.chance(0.5) ? latestLandingMs(platform) : random.integer(500, latestLandingMs(platform))
  const calls = { skip: random.integer(0, 3), calls: random.integer(1, 2) }
  return {
    kind: 'scripted-fault',
    platform,
    fault: { fault: 'timeoutBeforeApply', on: 'write', ...calls, lateApplyMs },
  }
}
