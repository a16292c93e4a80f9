import type { Clock, Knobs, Random, Trace } from '../../kit/index.js'
import type { Ids } from './ids.js'
import type { LumaState } from './state.js'
import type { Toggles } from '../toggles.js'
import type { Webhooks } from '../webhooks.js'

/** The dependencies of all operations of the simulator. */
export interface SimulatorContext {
  state: LumaState
  toggles: Toggles
  knobs: Knobs
  random: Random
  /** Luma's own clock, which may be wrong (`clockSkewMs`). */
  clock: Clock
  ids: Ids
  webhooks: Webhooks
  trace: Trace
}
