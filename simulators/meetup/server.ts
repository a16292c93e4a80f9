import type { FastifyRequest } from 'fastify'
import {
  BackgroundTasks,
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
  type Clock,
  type FaultKnobs,
  type ServerOptions,
  type Simulator,
} from '../kit/index.js'
import { Api } from './api/api.js'
import { BackgroundMembers } from './state/background-members.js'
import { registerControlRoutes } from './control/routes.js'
import { MeetupControl } from './control/control.js'
import type { CredentialOptions } from './api/credentials.js'
import { REFUSALS } from './errors.js'
import { Ids } from './state/ids.js'
import { MeetupListings } from './control/listings.js'
import { OAuth } from './api/oauth.js'
import { Organizer } from './state/organizer.js'
import { PageFaults } from './api/paging.js'
import { RateLimit } from './api/rate-limit.js'
import { Sales } from './state/sales.js'
import { SCHEMA } from './api/schema.js'
import { MeetupState, type StatePorts } from './state/state.js'
import { createToggles, type MeetupToggles, type Toggles } from './toggles.js'
import { Webhooks, type HintTarget } from './webhooks.js'

export interface SimulatorOptions extends ServerOptions {
  seed?: number
  clock?: Clock
  knobs?: Partial<FaultKnobs>
  toggles?: Partial<MeetupToggles>
  /** Default: the access token `meetup-simulator-token` is accepted. */
  credentials?: CredentialOptions
  /** The receiver of the bridge's hints. */
  hintTarget?: HintTarget
  /** Multiplies the 500 points. */
  limitScale?: number
}

/** `url` is the GraphQL endpoint. */
export interface MeetupSimulator extends Simulator {
  tokenUrl: string
  control: MeetupControl
  toggles: Toggles
}

/** Reads lag behind writes on the real platform. */
const READ_LAG_MS = 2_000
const POINTS = 500

/** Everything except the HTTP server. */
function assemble(options: SimulatorOptions) {
  const { clock = systemClock, credentials = {}, limitScale = 1 } = options
  const seed = options.seed ?? (options.inProcess ? 1 : Math.floor(Math.random() * 2 ** 31))
  const random = seededRandom(seed)
  const knobs = createKnobs({ readLagMs: READ_LAG_MS, ...options.knobs })
  const toggles = createToggles({ pointsLimit: Math.round(POINTS * limitScale), ...options.toggles })
  const trace = new Trace()
  const ids = new Ids(random)
  const platformClock = skewed(clock, () => knobs.current.clockSkewMs)
  const webhooks = new Webhooks(
    { knobs, random, clock, toggles, ids, post: options.inProcess?.post },
    options.hintTarget ?? null,
  )
  const onChange: StatePorts['onChange'] = (event, rsvp) => webhooks.rsvpChanged(event, rsvp)
  const state = new MeetupState({ clock, platformClock, random, toggles, trace, onChange })
  const sales = new Sales(state, ids)
  const tasks = new BackgroundTasks()
  const backgroundMembers = new BackgroundMembers({ knobs, random, clock, tasks }, state, sales)
  const organizer = new Organizer(state, sales, backgroundMembers)
  const oauth = new OAuth(credentials, { clock: platformClock, random, toggles })
  const rateLimit = new RateLimit(toggles, clock, platformClock)
  const pages = new PageFaults({ knobs, random, state, sales })
  const shared = { state, organizer, oauth, rateLimit, backgroundMembers, knobs, toggles }
  const api = new Api({ ...shared, schema: SCHEMA, pages, clock })
  const control = new MeetupControl({ ...shared, sales, webhooks, ids, trace })
  const throttled = () => api.throttled()
  const faults = new Faults({ knobs, random, clock, trace, throttled, refusals: REFUSALS })
  const { deliveries } = webhooks.sender
  const common = { listings: new MeetupListings(control, state), toggles, faults: faults.script, deliveries }
  return {
    seed,
    platformClock,
    api,
    oauth,
    control,
    faults,
    common,
    tasks: [faults.tasks, webhooks.sender.tasks, tasks],
  }
}

/** Starts a simulated Meetup in this process: GraphQL under `/gql-ext`, tokens under `/oauth2/access`, control routes under `/control`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<MeetupSimulator> {
  const { seed, platformClock, api, oauth, control, faults, common, tasks } = assemble(options)
  const app = createApp(platformClock)
  const graphql = faults.route(
    (request) => api.callInfo(request),
    (request) => api.handle(request),
  )
  const token = faults.route({ operation: 'token', kind: 'write', weight: 0 }, (request) =>
    oauth.grant(formOf(request)),
  )
  app.post('/gql-ext', graphql)
  app.post('/oauth2/access', token)
  const { knobs, toggles, trace } = control
  if (!options.inProcess) {
    registerSharedControlRoutes(app, { knobs, toggles, trace, tasks })
    registerControlRoutes(app, control)
    registerSimulatorRoutes(app, common)
  }
  const server = await startServer(app, options)
  return {
    ...common,
    url: `${server.url}/gql-ext`,
    tokenUrl: `${server.url}/oauth2/access`,
    controlUrl: `${server.url}/control`,
    handle: server.handle,
    seed,
    control,
    knobs,
    trace,
    onSilence: (listener) => void (faults.onSilence = listener),
    drain: async (timeoutMs) => {
      const pending = await Promise.all(tasks.map((group) => group.drain(timeoutMs)))
      return pending.reduce((sum, count) => sum + count, 0)
    },
    close: async () => {
      await server.close()
      await Promise.all(tasks.map((group) => group.stop()))
    },
  }
}

function formOf({ body }: FastifyRequest): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? { ...body } : {}
}
