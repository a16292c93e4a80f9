import type { ApiPlatform } from '../../src/domain/channel.js'
import { seededRandom } from '../../simulators/kit/index.js'
import type { Action } from './actions.js'
import { latestLandingMs } from './generate-platforms.js'
import type { Shape } from './shape.js'

/** When one begins, at the earliest, ms. */
const EARLIEST_MS = 5_000
/** Until a process that is killed is replaced, ms. */
const RESTART_MS = 500

/** Its actions from `atMs` on, in any order. */
type Coincidence = (shape: Shape, atMs: number) => Action[]

/**
 * Events that are ordinary one by one and rarely meet: each defeats a guard that no single one of them needs. Drawn from a
 * random source of its own, so that the rest of a scenario is the same without it.
 */
export function coincidencesOf(seed: number, shape: Omit<Shape, 'random'>): Action[] {
  const random = seededRandom(seed ^ 0xc01c1d)
  if (!random.chance(0.5)) return []
  // Fewer scenarios have two processes.
  const possible = shape.processes > 1 && random.chance(0.7) ? WITH_TWO_PROCESSES : WITH_ANY
  const actions = random.pick(possible)({ ...shape, random }, EARLIEST_MS)
  // In the calm nothing fails any more.
  const spareMs = shape.activeMs - Math.max(...actions.map(({ atMs }) => atMs))
  if (spareMs < 0) return []
  const laterMs = random.integer(0, spareMs)
  return actions.map((action) => ({ ...action, atMs: action.atMs + laterMs }))
}

/**
 * An opening is lost and may still land, its process is killed, and the next one closes the listing: closing removes its
 * limit, and the write that restores it is lost too. Drawn apart from the others, which are the same without it. At the
 * start: only a listing that has sold nothing is closed by more than its limit.
 */
export function lostOpeningsOf(seed: number, { listings, processes }: Omit<Shape, 'random'>): Action[] {
  const random = seededRandom(seed ^ 0x10570e)
  const isUnsold = listings.map(({ platform, alreadySold }) => platform === 'MEETUP' && alreadySold === 0)
  const unsold = [...isUnsold.keys()].filter((index) => isUnsold[index])
  if (unsold.length === 0 || !random.chance(0.2)) return []
  return lostOpeningOf(random.pick(unsold), processes)
}

function lostOpeningOf(listing: number, processes: number): Action[] {
  const platform = 'MEETUP'
  const second = { on: 'write', skip: 1, calls: 1 } as const
  const landing = { fault: 'timeoutBeforeApply', ...second, lateApplyMs: latestLandingMs(platform) } as const
  const kill = { kind: 'kill-process', afterSteps: 0, moment: 'before', restartAfterMs: RESTART_MS } as const
  return [
    { atMs: 0, kind: 'pause-channel', listing },
    { atMs: 20_000, kind: 'scripted-fault', platform, fault: landing },
    { atMs: 20_001, kind: 'resume-channel', listing },
    ...times(processes, (process): Action => ({ atMs: 24_000, ...kill, process })),
    { atMs: 27_000, kind: 'scripted-fault', platform, fault: { fault: 'connectionReset', ...second, lateApplyMs: 0 } },
    { atMs: 27_000, kind: 'pause-channel', listing },
    { atMs: 45_000, kind: 'resume-channel', listing },
  ]
}

/** A listing of this platform, if there is one, otherwise any. */
function listingOn({ random, listings }: Shape, platforms: readonly ApiPlatform[]): number {
  const all = listings.map((_, index) => index)
  const preferred = all.filter((index) => platforms.some((platform) => listings[index]?.platform === platform))
  return random.pick(preferred.length > 0 ? preferred : all)
}

const times = (count: number, action: (index: number) => Action) =>
  Array.from({ length: count }, (_, index) => action(index))

/** A listing is lowered while the checkouts that fill it are paid one after another, also during its count. */
export const cartsWhileLowered: Coincidence = (shape, atMs) => {
  const { random } = shape
  const listing = listingOn(shape, ['LUMA'])
  const platform = shape.listings[listing]?.platform ?? 'LUMA'
  const carts = random.integer(6, 12)
  const slow = {
    kind: 'platform-faults',
    platform,
    forMs: 20_000,
    knobs: { latencyMs: { p50: 300, p99: 2_000 } },
  } as const
  return [
    ...times(carts, () => ({ atMs: atMs + random.integer(0, 1_500), kind: 'open-cart', listing, tickets: 1 })),
    { atMs: atMs + 1_500, ...slow },
    { atMs: atMs + 2_000, kind: 'pause-channel', listing },
    ...times(carts, () => ({ atMs: atMs + random.integer(5_000, 7_500), kind: 'complete-cart', listing })),
    { atMs: atMs + 30_000, kind: 'resume-channel', listing },
  ]
}

/** Webhooks of sales are lost, the listing is closed below what it has sold, and known orders are cancelled. */
export const cancellationsAfterUnseenSales: Coincidence = (shape, atMs) => {
  const { random } = shape
  const listing = listingOn(shape, ['LUMA'])
  const platform = shape.listings[listing]?.platform ?? 'LUMA'
  const lost = { kind: 'platform-faults', platform, forMs: 7_000, knobs: { webhookLoss: 1 } } as const
  return [
    ...times(2, () => ({ atMs: atMs + random.integer(0, 1_000), kind: 'buy', listing, tickets: 1 })),
    { atMs: atMs + 3_000, ...lost },
    ...times(random.integer(2, 4), () => ({
      atMs: atMs + random.integer(3_000, 6_000),
      kind: 'buy',
      listing,
      tickets: random.integer(1, 3),
    })),
    { atMs: atMs + 7_000, kind: 'pause-channel', listing },
    ...times(random.integer(1, 3), () => ({
      atMs: atMs + random.integer(10_500, 30_000),
      kind: 'cancel-order',
      listing,
      order: random.next(),
    })),
    { atMs: atMs + 35_000, kind: 'resume-channel', listing },
  ]
}

/**
 * An opening is recorded, its process is suspended for longer than a lost write takes to land, sends it and is killed
 * before it knows that it was lost; the listing is closed in the meantime.
 */
export const lostAfterLongWait: Coincidence = (shape, startMs) => {
  const { random, processes } = shape
  const listing = listingOn(shape, ['EVENTBRITE', 'MEETUP'])
  const platform = shape.listings[listing]?.platform ?? 'EVENTBRITE'
  const atMs = startMs + 10_000
  const forMs = latestLandingMs(platform) + random.integer(10_000, 20_000)
  const point = { after: 'MemoryChannelStore.find', on: 'MemoryChannelStore.update', skip: 0 }
  const pause = { kind: 'pause-process', forMs, keptMs: 90_000, noticedAfterMs: 0, point } as const
  const fault = { fault: 'timeoutBeforeApply', on: 'write', skip: 0, calls: 1 } as const
  const sentMs = atMs + forMs + 500
  const all = Array.from({ length: processes }, (_, process) => process)
  return [
    { atMs: startMs, kind: 'pause-channel', listing },
    { atMs, kind: 'scripted-fault', platform, fault: { ...fault, lateApplyMs: latestLandingMs(platform) } },
    ...all.map((process): Action => ({ atMs, ...pause, process })),
    { atMs: atMs + 1, kind: 'resume-channel', listing },
    ...all.map((process): Action => {
      const kill = { afterSteps: 0, moment: 'before', restartAfterMs: RESTART_MS } as const
      return { atMs: sentMs + 1_000, kind: 'kill-process', process, ...kill }
    }),
    ...times(2, (index) => ({
      atMs: sentMs + 2_500 + 1_500 * index,
      kind: 'pause-channel' as const,
      listing,
    })),
  ]
}

/** A process is suspended between a write and its record; another one changes the listing back in the meantime. */
export const outdatedConfirmation: Coincidence = (shape, startMs) => {
  const { random } = shape
  const listing = listingOn(shape, [])
  const atMs = startMs + 8_000
  const point = { after: '.stampSent', on: '.locked', skip: 0 }
  const forMs = random.pick([50_000, 80_000])
  const pause = { kind: 'pause-process', forMs, keptMs: 2_000, noticedAfterMs: 10_000, point } as const
  return [
    { atMs: startMs, kind: 'resume-channel', listing },
    { atMs, kind: 'pause-channel', listing },
    { atMs, ...pause, process: random.integer(0, 1) },
    { atMs: atMs + 8_000, kind: 'resume-channel', listing },
  ]
}

/**
 * Redis loses its data during a rush. One process begins to load the gates and is suspended, a sale loads them in another
 * one, and the first one is suspended again between the ledger and the gate.
 */
export const salesDuringRebuild: Coincidence = (shape, atMs) => {
  const { random, listings, events } = shape
  const process = random.integer(0, 1)
  const pause = { kind: 'pause-process', process, keptMs: 30_000, noticedAfterMs: 0 } as const
  const within = () => atMs + random.integer(0, 14_000)
  return [
    { atMs, ...pause, forMs: 5_000, point: { on: '.idsBySoonestStart', skip: 0 } },
    { atMs, kind: 'redis-lost' },
    {
      atMs: atMs + 2_000,
      ...pause,
      forMs: 8_000,
      point: { after: '.writeEpoch', on: 'MemoryStockGate.install', skip: 0 },
    },
    ...times(8, () => ({ atMs: within(), kind: 'buy', listing: random.integer(0, listings.length - 1), tickets: 1 })),
    ...times(8, () => ({
      atMs: within(),
      kind: 'hold',
      event: random.integer(0, events.length - 1),
      quantity: 1,
      outcome: 'confirm',
      afterMs: 1_000,
    })),
  ]
}

const WITH_ANY: readonly Coincidence[] = [cartsWhileLowered, cancellationsAfterUnseenSales, lostAfterLongWait]
const WITH_TWO_PROCESSES: readonly Coincidence[] = [outdatedConfirmation, salesDuringRebuild]
