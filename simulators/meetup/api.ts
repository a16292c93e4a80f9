import type { FastifyRequest } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import { Refusal, type Answer, type CallInfo, type Clock, type Knobs } from '../kit/index.js'
import type { Book } from './book.js'
import type { RsvpArgs } from './connection.js'
import type { Caller } from './credentials.js'
import type { Crowd } from './crowd.js'
import { prepare, run, type Prepared } from './graphql.js'
import type { EventRecord } from './model.js'
import type { OAuth } from './oauth.js'
import type { Organizer } from './organizer.js'
import type { PageFaults } from './page-faults.js'
import type { Points } from './points.js'
import { createRoot } from './root.js'
import type { Toggles } from './toggles.js'

export interface ApiPorts {
  schema: GraphQLSchema
  book: Book
  organizer: Organizer
  oauth: OAuth
  points: Points
  pages: PageFaults
  crowd: Crowd
  knobs: Knobs
  toggles: Toggles
  clock: Clock
}

const BAD_GATEWAY: Answer = {
  status: 502,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<html><head><title>502</title></head><body><h1>502 Bad Gateway</h1></body></html>',
}

/** `POST /gql-ext`. */
export class Api {
  private readonly prepared = new WeakMap<FastifyRequest, Prepared>()

  constructor(private readonly ports: ApiPorts) {}

  info(request: FastifyRequest): CallInfo {
    const prepared = this.prepare(request)
    if (prepared.kind === 'INVALID') return { operation: 'invalid', kind: 'read', weight: 0 }
    const { name, mutation, price } = prepared
    return { operation: name, kind: mutation ? 'write' : 'read', weight: price }
  }

  /** @throws Refusal 401 */
  async handle(request: FastifyRequest): Promise<Answer> {
    const { oauth, toggles, points, organizer, crowd } = this.ports
    const prepared = this.prepare(request)
    const caller = oauth.callerOf(request.headers.authorization)
    const mutation = prepared.kind === 'OPERATION' && prepared.mutation
    if (!caller && (mutation || toggles.current.unauthenticatedReads === 'refuse' || request.headers.authorization)) {
      throw unauthorized()
    }
    if (prepared.kind === 'INVALID') return { status: 200, body: prepared.body }
    const refusal = points.spend(caller, prepared.price, 'event')
    const emptied = refusal !== null && !mutation && toggles.current.throttleAsEmptyPage === 'yes'
    if (refusal && !emptied) return refusal
    crowd.keepCarts()
    const broken = { page: false }
    const body = await run(
      this.ports.schema,
      prepared,
      createRoot(this.viewer(caller, mutation, emptied, broken), organizer),
    )
    return broken.page ? BAD_GATEWAY : { status: 200, body }
  }

  /** How the forced refusals of the `throttleRate` knob look. */
  throttled(): Answer {
    return this.ports.points.forced('event')
  }

  private viewer(caller: Caller | null, mutation: boolean, emptied: boolean, broken: { page: boolean }) {
    const { book, clock, knobs, pages } = this.ports
    const pageFate = (event: EventRecord, args: RsvpArgs) => {
      if (args.after != null) pages.shift(event.id)
      const { failed, ...fate } = pages.fate(event, args, emptied)
      broken.page ||= failed
      return fate
    }
    const at = clock.now() - (mutation ? 0 : knobs.current.readLagMs)
    return { book, memberId: caller?.memberId ?? null, at, pageFate }
  }

  private prepare(request: FastifyRequest): Prepared {
    const known = this.prepared.get(request)
    if (known) return known
    const prepared = prepare(this.ports.schema, request.body)
    this.prepared.set(request, prepared)
    return prepared
  }
}

function unauthorized(): Refusal {
  const error = { message: 'Unauthorized', extensions: { code: 'UNAUTHENTICATED' } }
  return new Refusal({ status: 401, body: { errors: [error] } })
}
