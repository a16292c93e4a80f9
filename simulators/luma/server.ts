import {
  createApp,
  createKnobs,
  registerSharedControlRoutes,
  registerSimulatorRoutes,
  seededRandom,
  skewed,
  startServer,
  systemClock,
  Trace,
  type Clock,
  type FaultKnobs,
  type SenderPolicy,
  type ServerOptions,
  type Simulator,
} from '../kit/index.js'
import { Api, type Credential } from './api/api.js'
import type { SimulatorContext } from './state/context.js'
import { registerControlRoutes } from './control/routes.js'
import { LumaControl } from './control/control.js'
import { Ids } from './state/ids.js'
import { LumaListings } from './control/listings.js'
import { LUMA_RATE_LIMITS, type RateLimitRules } from './api/rate-limit.js'
import { registerDescriptionRoutes } from './api/routes/description.js'
import { registerEventRoutes } from './api/routes/events.js'
import { registerGuestRoutes } from './api/routes/guests.js'
import { registerTicketTypeRoutes } from './api/routes/ticket-types.js'
import { registerWebhookRoutes } from './api/routes/webhooks.js'
import { LumaState } from './state/state.js'
import { createToggles, type LumaToggles, type Toggles } from './toggles.js'
import { Webhooks } from './webhooks.js'

export interface SimulatorOptions extends ServerOptions {
  seed?: number
  clock?: Clock
  knobs?: Partial<FaultKnobs>
  toggles?: Partial<LumaToggles>
  /** The API keys that are accepted. */
  credentials?: readonly Credential[]
  /** Secrets of new webhooks, in order; further ones are generated. */
  webhookSecrets?: readonly string[]
  /** Multiplies the number of calls per minute. */
  limitScale?: number
  limits?: Partial<RateLimitRules>
  sender?: Partial<SenderPolicy>
}

export interface LumaSimulator extends Simulator {
  control: LumaControl
  toggles: Toggles
}

export const DEFAULT_CREDENTIALS: readonly Credential[] = [{ key: 'luma-simulator-key', kind: 'calendar' }]

/** Starts a simulated Luma in this process. State is in memory and lost at `close`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<LumaSimulator> {
  const { seed = 1, clock = systemClock, limitScale = 1 } = options
  const knobs = createKnobs(options.knobs)
  const toggles = createToggles(options.toggles)
  const trace = new Trace()
  const random = seededRandom(seed)
  const ids = new Ids(seededRandom(seed + 1))
  const state = new LumaState(clock, trace)
  const ports = { webhooks: state.webhooks, toggles, knobs, random, clock, ids, post: options.inProcess?.post }
  const webhooks = new Webhooks(ports, options.sender)
  const platformClock = skewed(clock, () => knobs.current.clockSkewMs)
  const context: SimulatorContext = { state, toggles, knobs, random, clock: platformClock, ids, webhooks, trace }
  const control = new LumaControl(context)
  const app = createApp(platformClock)
  const api = new Api(app, context, options.credentials ?? DEFAULT_CREDENTIALS, scaled(limitScale, options.limits))
  const secrets = [...(options.webhookSecrets ?? [])]
  registerEventRoutes(api, context)
  registerTicketTypeRoutes(api, context)
  registerGuestRoutes(api, context)
  registerWebhookRoutes(api, context, () => secrets.shift() ?? ids.secret())
  registerDescriptionRoutes(app, api, context)
  const { faults } = api
  const { deliveries } = webhooks.sender
  const common = { listings: new LumaListings(control), toggles, faults: faults.script, deliveries }
  if (!options.inProcess) {
    registerSharedControlRoutes(app, { knobs, toggles, trace, tasks: [webhooks.sender.tasks, faults.tasks] })
    registerControlRoutes(app, control)
    registerSimulatorRoutes(app, common)
  }
  const server = await startServer(app, options)
  return {
    ...common,
    url: server.url,
    controlUrl: `${server.url}/control`,
    handle: server.handle,
    seed,
    control,
    knobs,
    trace,
    onSilence: (listener) => void (faults.onSilence = listener),
    drain: async (timeoutMs) => (await webhooks.sender.tasks.drain(timeoutMs)) + (await faults.tasks.drain(timeoutMs)),
    close: async () => {
      await server.close()
      await Promise.all([webhooks.sender.tasks.stop(), faults.tasks.stop()])
    },
  }
}

function scaled(scale: number, overrides: Partial<RateLimitRules> = {}): RateLimitRules {
  const { calendar, organization, ...durations } = LUMA_RATE_LIMITS
  return {
    ...durations,
    calendar: Math.ceil(calendar * scale),
    organization: Math.ceil(organization * scale),
    ...overrides,
  }
}
