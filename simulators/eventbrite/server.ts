import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  createApp,
  createKnobs,
  Faults,
  registerSharedControlRoutes,
  registerSimulatorRoutes,
  seededRandom,
  skewed,
  startServer,
  systemClock,
  Trace,
  WebhookSender,
  type Clock,
  type FaultKnobs,
  type ServerOptions,
  type Simulator,
} from '../kit/index.js'
import { Api } from './api/api.js'
import { registerControlRoutes } from './control/routes.js'
import { EventbriteControl, type ControlPorts } from './control/control.js'
import { registerConventions } from './api/conventions.js'
import { REFUSALS } from './errors.js'
import { EventbriteListings } from './control/listings.js'
import { Organizer } from './state/organizer.js'
import { Pager } from './api/paging.js'
import { RateLimit } from './api/rate-limit.js'
import { OrderChanges } from './state/order-changes.js'
import { registerAccountRoutes } from './api/routes/account.js'
import { registerEventRoutes } from './api/routes/events.js'
import { registerOrderRoutes } from './api/routes/orders.js'
import { Sales } from './state/sales.js'
import { EventbriteState } from './state/state.js'
import { createToggles, type EventbriteToggles, type Toggles } from './toggles.js'
import { Waypoints } from './api/waypoints.js'
import { Webhooks } from './webhooks.js'

export interface SimulatorOptions extends ServerOptions {
  seed?: number
  clock?: Clock
  knobs?: Partial<FaultKnobs>
  /** The rate limit is a toggle too: `rateLimit` calls per `rateWindowMs`. */
  toggles?: Partial<EventbriteToggles>
  /** Tokens that the API accepts. */
  tokens?: string[]
  /** Multiplies the 2,000 calls per hour. */
  limitScale?: number
  organizationId?: string
  /** Multiplies the gaps between the deliveries of one purchase: 1 as captured, 0 none. */
  webhookPace?: number
}

export interface EventbriteSimulator extends Simulator {
  control: EventbriteControl
  toggles: Toggles
  sender: WebhookSender
}

/** Starts a simulated Eventbrite in this process. State is in memory and lost at `close`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<EventbriteSimulator> {
  const { seed = 1, clock = systemClock, organizationId = '300000000001' } = options
  const knobs = createKnobs(options.knobs)
  const callsPerWindow = Math.max(1, Math.round(2_000 * (options.limitScale ?? 1)))
  const toggles = createToggles({ rateLimit: callsPerWindow, ...options.toggles })
  const random = seededRandom(seed)
  const trace = new Trace()
  const state = new EventbriteState({ clock, random, knobs, toggles, trace })
  const sender: WebhookSender = new WebhookSender(
    { knobs, random, clock, post: options.inProcess?.post },
    { timeoutMs: 5_000, retryDelaysMs: [], concurrency: 50 },
    { gone: ({ id }) => webhooks.subscriptions.delete(id), exhausted: ({ id }) => webhooks.countFailure(id) },
  )
  const webhooks = new Webhooks(state, sender, options.webhookPace ?? 1)
  const sales = new Sales(state, webhooks)
  const orderChanges = new OrderChanges(state, sales, webhooks)
  const organizer = new Organizer(state, sales, webhooks)
  const rateLimit = new RateLimit(toggles, 'SIMULATEDAPPKEY')
  const control = new EventbriteControl({ state, sales, orderChanges, organizer, webhooks, rateLimit, organizationId })
  const throttled = (request: FastifyRequest) => api.throttled(request)
  const faults: Faults = new Faults({ knobs, random, clock, trace, throttled, refusals: REFUSALS })
  const tokens = options.tokens ?? ['simulated-token']
  const api = new Api({ state, sales, faults, rateLimit, waypoints: new Waypoints(), tokens })
  const app = createApp(skewed(clock, () => knobs.current.clockSkewMs))
  registerApi(app, api, { state, sales, orderChanges, organizer, webhooks, rateLimit, organizationId })
  const listings = new EventbriteListings(control, state)
  const common = { listings, toggles, faults: faults.script, deliveries: sender.deliveries }
  if (!options.inProcess) {
    registerSharedControlRoutes(app, { knobs, toggles, trace, tasks: [sender.tasks, faults.tasks] })
    registerControlRoutes(app, control)
    registerSimulatorRoutes(app, common)
  }
  const server = await startServer(app, options)
  const drain = async (timeoutMs: number) =>
    (await sender.tasks.drain(timeoutMs)) + (await faults.tasks.drain(timeoutMs))
  const close = async () => {
    await Promise.all([sender.tasks.stop(), faults.tasks.stop()])
    await server.close()
  }
  return {
    ...common,
    url: `${server.url}/v3`,
    controlUrl: `${server.url}/control`,
    handle: server.handle,
    seed,
    control,
    knobs,
    trace,
    sender,
    onSilence: (listener) => void (faults.onSilence = listener),
    drain,
    close,
  }
}

function registerApi(app: FastifyInstance, api: Api, ports: ControlPorts): void {
  const { state } = ports
  const shared = { ...ports, pager: new Pager(state.ports) }
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500
    const code = status < 500 ? 'INVALID_BODY' : 'INTERNAL_ERROR'
    return reply.code(status).send({ status_code: status, error: code, error_description: error.message })
  })
  registerConventions(app)
  registerEventRoutes(app, api, shared)
  registerOrderRoutes(app, api, shared)
  registerAccountRoutes(app, api, shared)
}
