/** The source of all randomness in a simulator, so that a run can be repeated from its seed. */
export interface Random {
  readonly seed: number
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer, both ends included. */
  integer(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[]
}

/** mulberry32: small, fast and the same on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const integer = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    seed,
    next,
    integer,
    chance: (probability) => probability > 0 && next() < probability,
    pick: <T>(items: readonly T[]) => {
      if (items.length === 0) throw new RangeError('cannot pick from an empty list')
      return items[integer(0, items.length - 1)] as T
    },
    shuffle: <T>(items: readonly T[]) => {
      const copy = [...items]
      for (let last = copy.length - 1; last > 0; last--) {
        const other = integer(0, last)
        const swapped = copy[last] as T
        copy[last] = copy[other] as T
        copy[other] = swapped
      }
      return copy
    },
  }
}
