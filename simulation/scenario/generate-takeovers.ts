import type { Action } from './actions.js'
import { latestLandingMs } from './generate-platforms.js'
import type { Shape } from './shape.js'

/** A process is paused in the middle of its work and continues when another has taken it over: often with what is outdated by then. */
export function takeoversOf(shape: Shape): Action[] {
  const { random, processes } = shape
  const actions: Action[] = []
  if (processes > 1 && random.chance(0.3)) actions.push(...supersededWrite(shape))
  if (processes > 1 && random.chance(0.3)) actions.push(...slowRebuild(shape))
  if (random.chance(0.15)) actions.push(...lateOpening(shape))
  return actions
}

/** A process pauses before it sends a change of a listing, or records it; another one changes the listing back. */
function supersededWrite({ random, listings, activeMs }: Shape): Action[] {
  const listing = random.integer(0, listings.length - 1)
  const atMs = random.integer(10_000, activeMs / 2)
  const kinds = ['pause-channel', 'resume-channel'] as const
  const [first, second] = random.chance(0.5) ? kinds : (kinds.toReversed() as [(typeof kinds)[1], (typeof kinds)[0]])
  const on = random.pick(['.stampSent', 'http://', '.locked', '.locked'])
  const pause = { kind: 'pause-process', forMs: 80_000, keptMs: 2_000, noticedAfterMs: 10_000 } as const
  return [
    { atMs: atMs - 10_000, kind: second, listing },
    { atMs, kind: first, listing },
    { atMs, ...pause, process: random.integer(0, 1), point: { on, skip: random.integer(0, 3) } },
    { atMs: Math.min(activeMs, atMs + 6_000), kind: second, listing },
  ]
}

/** The process that loads the gates after an outage of Redis pauses in the middle of it. */
function slowRebuild({ random, activeMs }: Shape): Action[] {
  const atMs = random.integer(0, activeMs / 2)
  const pause = { kind: 'pause-process', keptMs: 30_000, noticedAfterMs: 0 } as const
  const point = { on: 'MemoryStockGate.install', skip: random.integer(0, 1) }
  return [
    { atMs, kind: 'redis-outage', outage: 'closed', forMs: 15_000 },
    ...[0, 1].map((process): Action => ({ atMs, ...pause, process, forMs: random.pick([4_000, 20_000]), point })),
  ]
}

/** The opening of a listing is sent late, lost, and lands after the listing has been closed again. */
function lateOpening({ random, listings, processes, activeMs }: Shape): Action[] {
  const listing = random.integer(0, listings.length - 1)
  const platform = listings[listing]?.platform ?? 'EVENTBRITE'
  const atMs = random.integer(20_000, activeMs / 2 + 20_000)
  const point = { on: 'MemoryChannelStore.update', skip: random.integer(0, 2) }
  const pause = { kind: 'pause-process', forMs: 12_000, keptMs: 30_000, noticedAfterMs: 0, point } as const
  const fault = { fault: 'timeoutBeforeApply', on: 'write', skip: 0, calls: 1 } as const
  return [
    { atMs: atMs - 20_000, kind: 'pause-channel', listing },
    { atMs, kind: 'scripted-fault', platform, fault: { ...fault, lateApplyMs: latestLandingMs(platform) } },
    ...Array.from({ length: processes }, (_, process): Action => ({ atMs, ...pause, process })),
    { atMs: atMs + 1, kind: 'resume-channel', listing },
    { atMs: Math.min(activeMs, atMs + 20_000), kind: 'pause-channel', listing },
  ]
}
