import type { World } from '../world/world.js'
import type { Violation } from './violation.js'

/** Checked after every step; returns what does not hold now. */
export type Invariant = (world: World) => Violation[]
