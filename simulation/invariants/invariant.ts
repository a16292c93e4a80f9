import type { World } from '../world/world.js'

export interface Violation {
  /** E.g. `I4`, or a rule's short name. */
  invariant: string
  detail: string
}

/** Checked after every step; returns what does not hold now. */
export type Invariant = (world: World) => Violation[]

export const violation = (invariant: string, detail: string): Violation => ({ invariant, detail })
