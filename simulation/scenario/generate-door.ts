import { seededRandom, type Random } from '../../simulators/kit/index.js'
import type { Action, DoorAction, EventPlan, PhoneScan } from './actions.js'

const PHONES = 3
const REPORTED_AFTER_MS = [0, 0, 2_000, 20_000, 60_000]

/**
 * People arrive while tickets are still sold: scans on phones that report them late and more than once, check-ins on the
 * platforms, walk-ins, and what staff take back. Drawn from a random source of its own.
 */
export function doorOf(seed: number, events: readonly EventPlan[], activeMs: number): Action[] {
  const random = seededRandom(seed ^ 0xd004)
  if (!random.chance(0.12)) return []
  const listings = events.flatMap((event) => event.listings).length
  const at = () => random.integer(Math.floor(activeMs / 4), activeMs)
  const event = () => random.integer(0, events.length - 1)
  const times = (most: number) => Array.from({ length: random.integer(0, most) }, (_, index) => index)
  const scans = times(15).map((): DoorAction => {
    const phones = Array.from({ length: random.pick([1, 1, 2]) }, () => phoneOf(random))
    return { kind: 'scan-ticket', event: event(), ticket: random.next(), by: random.pick(['code', 'ticket']), phones }
  })
  const onPlatforms = times(6).map((): DoorAction => {
    return { kind: 'check-in-on-platform', listing: random.integer(0, listings - 1), order: random.next() }
  })
  const walkIns = times(4).map((number): DoorAction => {
    const from = random.pick(['COUNT', 'COUNT', 'SAFETY'] as const)
    const reportedAfterMs = random.pick(REPORTED_AFTER_MS)
    return { kind: 'walk-in', event: event(), quantity: random.integer(1, 3), from, reportedAfterMs, number }
  })
  const takenBack = times(3).map((): DoorAction =>
    random.chance(0.7)
      ? { kind: 'take-back-check-in', event: event(), ticket: random.next() }
      : { kind: 'take-back-walk-in', walkIn: random.next() },
  )
  return [...scans, ...onPlatforms, ...walkIns, ...takenBack].map((action) => ({ atMs: at(), ...action }))
}

function phoneOf(random: Random): PhoneScan {
  return {
    phone: random.chance(0.85) ? random.integer(1, PHONES) : null,
    afterMs: random.integer(0, 10_000),
    reportedAfterMs: random.pick(REPORTED_AFTER_MS),
    reports: random.pick([1, 1, 2]),
  }
}
