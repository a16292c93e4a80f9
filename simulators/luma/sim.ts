import type { Clock, Knobs, Random, Trace } from '../kit/index.js'
import type { Ids } from './ids.js'
import type { Notices } from './notices.js'
import type { Store } from './store.js'
import type { Toggles } from './toggles.js'

/** What all operations of the simulator work with. */
export interface Sim {
  store: Store
  toggles: Toggles
  knobs: Knobs
  random: Random
  /** Luma's own clock, which may be wrong (`clockSkewMs`). */
  clock: Clock
  ids: Ids
  notices: Notices
  trace: Trace
}
