import {
  createApp,
  createKnobs,
  registerControl,
  seededRandom,
  skewed,
  startServer,
  systemClock,
  Trace,
  type Clock,
  type FaultKnobs,
  type Knobs,
  type SenderPolicy,
} from '../kit/index.js'
import { Api, type Credential } from './api.js'
import { controlRoutes } from './control-routes.js'
import { LumaControl } from './control.js'
import { Ids } from './ids.js'
import { Notices } from './notices.js'
import { LUMA_LIMITS, type Limits } from './rate-gate.js'
import { descriptionRoutes } from './routes/description.js'
import { eventRoutes } from './routes/events.js'
import { guestRoutes } from './routes/guests.js'
import { ticketTypeRoutes } from './routes/ticket-types.js'
import { webhookRoutes } from './routes/webhooks.js'
import type { Sim } from './sim.js'
import { Store } from './store.js'
import { createToggles, type LumaToggles, type Toggles } from './toggles.js'

export interface SimulatorOptions {
  host?: string
  /** 0 or left out: any free one. */
  port?: number
  seed?: number
  clock?: Clock
  knobs?: Partial<FaultKnobs>
  toggles?: Partial<LumaToggles>
  /** The keys that are taken. */
  credentials?: readonly Credential[]
  /** What new webhooks sign with, one after the other; after these they are made up. */
  webhookSecrets?: readonly string[]
  /** Multiplies the number of calls per minute. */
  limitScale?: number
  limits?: Partial<Limits>
  sender?: Partial<SenderPolicy>
}

export interface LumaSimulator {
  /** The API's base address. */
  url: string
  controlUrl: string
  seed: number
  control: LumaControl
  knobs: Knobs
  toggles: Toggles
  trace: Trace
  /** Waits for deliveries under way; resolves with how many are left after `timeoutMs`. */
  drain(timeoutMs: number): Promise<number>
  close(): Promise<void>
}

export const DEFAULT_CREDENTIALS: readonly Credential[] = [{ key: 'luma-simulator-key', kind: 'calendar' }]

/** Luma on loopback: its API, its deliveries, its limits and its caps, kept in memory. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<LumaSimulator> {
  const { seed = 1, clock = systemClock, limitScale = 1 } = options
  const knobs = createKnobs(options.knobs)
  const toggles = createToggles(options.toggles)
  const trace = new Trace()
  const random = seededRandom(seed)
  const ids = new Ids(seededRandom(seed + 1))
  const store = new Store(clock, trace)
  const ports = { webhooks: store.webhooks, toggles, knobs, random, clock, ids }
  const notices = new Notices(ports, options.sender)
  const platformClock = skewed(clock, () => knobs.current.clockSkewMs)
  const sim: Sim = { store, toggles, knobs, random, clock: platformClock, ids, notices, trace }
  const control = new LumaControl(sim)
  const app = createApp()
  const api = new Api(app, sim, options.credentials ?? DEFAULT_CREDENTIALS, scaled(limitScale, options.limits))
  const secrets = [...(options.webhookSecrets ?? [])]
  eventRoutes(api, sim)
  ticketTypeRoutes(api, sim)
  guestRoutes(api, sim)
  webhookRoutes(api, sim, () => secrets.shift() ?? ids.secret())
  descriptionRoutes(app, api, sim)
  registerControl(app, { knobs, toggles, trace, tasks: [notices.sender.tasks, api.faults.tasks] })
  controlRoutes(app, control)
  const server = await startServer(app, options)
  return {
    url: server.url,
    controlUrl: `${server.url}/control`,
    seed,
    control,
    knobs,
    toggles,
    trace,
    drain: (timeoutMs) => notices.sender.tasks.drain(timeoutMs),
    close: async () => {
      await server.close()
      await Promise.all([notices.sender.tasks.stop(), api.faults.tasks.stop()])
    },
  }
}

function scaled(scale: number, overrides: Partial<Limits> = {}): Limits {
  const { calendar, organization, ...times } = LUMA_LIMITS
  return {
    ...times,
    calendar: Math.ceil(calendar * scale),
    organization: Math.ceil(organization * scale),
    ...overrides,
  }
}
