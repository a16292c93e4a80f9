import type { FastifyRequest } from 'fastify'
import {
  BackgroundTasks,
  createApp,
  createKnobs,
  Faults,
  registerControl,
  seededRandom,
  skewed,
  startServer,
  systemClock,
  Trace,
  type Clock,
  type FaultKnobs,
} from '../kit/index.js'
import { Admission } from './admission.js'
import { Api } from './api.js'
import { Book, type BookPorts } from './book.js'
import { MeetupControl } from './control.js'
import { registerMeetupControl } from './control-routes.js'
import type { CredentialOptions } from './credentials.js'
import { Crowd } from './crowd.js'
import { Hints, type HintTarget } from './hints.js'
import { Ids } from './ids.js'
import { OAuth } from './oauth.js'
import { Organizer } from './organizer.js'
import { PageFaults } from './page-faults.js'
import { Points } from './points.js'
import { createSchema } from './schema.js'
import { createToggles, type MeetupToggles } from './toggles.js'

export interface SimulatorOptions {
  /** 0 picks a free one. */
  port?: number
  host?: string
  seed?: number
  clock?: Clock
  knobs?: Partial<FaultKnobs>
  toggles?: Partial<MeetupToggles>
  /** Without any, the access token `meetup-simulator-token` is accepted. */
  credentials?: CredentialOptions
  /** Where the bridge sends its hints. */
  hintTarget?: HintTarget
  /** Multiplies the 500 points. */
  limitScale?: number
}

export interface MeetupSimulator {
  /** The GraphQL endpoint. */
  url: string
  tokenUrl: string
  controlUrl: string
  seed: number
  control: MeetupControl
  close(): Promise<void>
}

/** Polls run behind the truth there. */
const READ_LAG_MS = 2_000
const POINTS = 500

/** Everything but the server around it. */
function assemble(options: SimulatorOptions) {
  const { seed = Math.floor(Math.random() * 2 ** 31), clock = systemClock, credentials = {}, limitScale = 1 } = options
  const random = seededRandom(seed)
  const knobs = createKnobs({ readLagMs: READ_LAG_MS, ...options.knobs })
  const toggles = createToggles({ pointsLimit: Math.round(POINTS * limitScale), ...options.toggles })
  const trace = new Trace()
  const ids = new Ids(random)
  const platformClock = skewed(clock, () => knobs.current.clockSkewMs)
  const hints = new Hints({ knobs, random, clock, toggles, ids }, options.hintTarget ?? null)
  const changed: BookPorts['changed'] = (event, rsvp) => hints.changed(event, rsvp)
  const book = new Book({ clock, platformClock, random, toggles, trace, changed })
  const admission = new Admission(book, ids)
  const tasks = new BackgroundTasks()
  const crowd = new Crowd({ knobs, random, clock, tasks }, book, admission)
  const organizer = new Organizer(book, admission, crowd)
  const oauth = new OAuth(credentials, { clock: platformClock, random, toggles })
  const points = new Points(toggles, clock, platformClock)
  const pages = new PageFaults({ knobs, random, book, admission })
  const shared = { book, organizer, oauth, points, crowd, knobs, toggles }
  const api = new Api({ ...shared, schema: createSchema(), pages, clock })
  const control = new MeetupControl({ ...shared, admission, hints, ids, trace })
  const faults = new Faults({ knobs, random, clock, trace, throttled: () => api.throttled() })
  return { seed, api, oauth, control, faults, tasks: [faults.tasks, hints.sender.tasks, tasks] }
}

/** Starts Meetup on loopback: GraphQL under `/gql-ext`, tokens under `/oauth2/access`, the control surface under `/control`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<MeetupSimulator> {
  const { seed, api, oauth, control, faults, tasks } = assemble(options)
  const app = createApp()
  const graphql = faults.route(
    (request) => api.info(request),
    (request) => api.handle(request),
  )
  const token = faults.route({ operation: 'token', kind: 'write', weight: 0 }, (request) =>
    oauth.grant(formOf(request)),
  )
  app.post('/gql-ext', graphql)
  app.post('/oauth2/access', token)
  const { knobs, toggles, trace } = control
  registerControl(app, { knobs, toggles, trace, tasks })
  registerMeetupControl(app, control)
  const server = await startServer(app, options)
  return {
    url: `${server.url}/gql-ext`,
    tokenUrl: `${server.url}/oauth2/access`,
    controlUrl: `${server.url}/control`,
    seed,
    control,
    close: async () => {
      await server.close()
      await Promise.all(tasks.map((each) => each.stop()))
    },
  }
}

function formOf({ body }: FastifyRequest): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? { ...body } : {}
}
