import type { FastifyInstance } from 'fastify'
import {
  createApp,
  createKnobs,
  Faults,
  registerControl,
  seededRandom,
  startServer,
  systemClock,
  Trace,
  WebhookSender,
  type Clock,
  type FaultKnobs,
  type Knobs,
} from '../kit/index.js'
import { Api } from './api.js'
import { BoxOffice } from './box-office.js'
import { Buckets } from './buckets.js'
import { Control, type Parts } from './control.js'
import { registerControlRoutes } from './control-routes.js'
import { registerConventions } from './conventions.js'
import { Hooks } from './hooks.js'
import { Organiser } from './organiser.js'
import { Pager } from './paging.js'
import { Refunds } from './refunds.js'
import { registerAccountRoutes } from './routes-account.js'
import { registerEventRoutes } from './routes-events.js'
import { registerOrderRoutes } from './routes-orders.js'
import { createToggles, type EventbriteToggles, type Toggles } from './toggles.js'
import { Waypoints } from './waypoints.js'
import { World } from './world.js'

export interface SimulatorOptions {
  /** 0 or nothing: a free port. */
  port?: number
  host?: string
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
  /** Of the gaps between the deliveries of one purchase: 1 as captured, 0 none. */
  webhookPace?: number
}

export interface Simulator {
  /** The API's base, for EVENTBRITE_API_URL. */
  url: string
  controlUrl: string
  control: Control
  knobs: Knobs
  toggles: Toggles
  trace: Trace
  sender: WebhookSender
  /** Resolves when every delivery is out, or after the time, with what is left. */
  drain(timeoutMs: number): Promise<number>
  close(): Promise<void>
}

/** Starts a simulated Eventbrite in this process. State is in memory and gone at `close`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { clock = systemClock, organizationId = '300000000001' } = options
  const knobs = createKnobs(options.knobs)
  const rateLimit = Math.max(1, Math.round(2_000 * (options.limitScale ?? 1)))
  const toggles = createToggles({ rateLimit, ...options.toggles })
  const random = seededRandom(options.seed ?? 1)
  const trace = new Trace()
  const world = new World({ clock, random, knobs, toggles, trace })
  const sender: WebhookSender = new WebhookSender(
    { knobs, random, clock },
    { timeoutMs: 5_000, retryDelaysMs: [], parallel: 50 },
    { gone: ({ id }) => hooks.webhooks.delete(id), exhausted: ({ id }) => hooks.failed(id) },
  )
  const hooks = new Hooks(world, sender, options.webhookPace ?? 1)
  const office = new BoxOffice(world, hooks)
  const refunds = new Refunds(world, office, hooks)
  const organiser = new Organiser(world, office, hooks)
  const buckets = new Buckets(toggles, 'SIMULATEDAPPKEY')
  const control = new Control({ world, office, refunds, organiser, hooks, buckets, organizationId })
  const faults: Faults = new Faults({ knobs, random, clock, trace, throttled: (request) => api.throttled(request) })
  const tokens = options.tokens ?? ['simulated-token']
  const api = new Api({ world, office, faults, buckets, waypoints: new Waypoints(), tokens })
  const app = createApp()
  registerApi(app, api, { world, office, refunds, organiser, hooks, buckets, organizationId })
  registerControl(app, { knobs, toggles, trace, tasks: [sender.tasks, faults.tasks] })
  registerControlRoutes(app, control)
  const server = await startServer(app, options)
  const drain = async (timeoutMs: number) => (await sender.tasks.drain(timeoutMs)) + (await faults.tasks.drain(0))
  const close = async () => {
    await Promise.all([sender.tasks.stop(), faults.tasks.stop()])
    await server.close()
  }
  const controlUrl = `${server.url}/control`
  return { url: `${server.url}/v3`, controlUrl, control, knobs, toggles, trace, sender, drain, close }
}

function registerApi(app: FastifyInstance, api: Api, parts: Parts): void {
  const { world } = parts
  const shared = { ...parts, pager: new Pager(world.ports) }
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
