import type { Random } from '../../kit/index.js'

export type IdKind = 'event' | 'class' | 'tier' | 'hold' | 'order' | 'attendee' | 'webhook'

const FIRST: Record<IdKind, number> = {
  event: 1_999_000_000_000,
  class: 3_450_000_000,
  tier: 880_000_000,
  hold: 900,
  order: 15_600_000_000,
  attendee: 22_800_000_000,
  webhook: 15_900_000,
}

/** Decimal ids that grow by small seeded steps, like the real ones; ids of holds are prefixed by a letter. */
export class Ids {
  private readonly last = new Map<IdKind, number>()

  constructor(private readonly random: Random) {}

  next(kind: IdKind): string {
    const id = (this.last.get(kind) ?? FIRST[kind]) + this.random.integer(1, 7)
    this.last.set(kind, id)
    return kind === 'hold' ? `I${id}` : String(id)
  }
}

/** Compares decimal ids numerically. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
