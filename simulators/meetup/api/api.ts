import type { FastifyRequest } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import { Rejection, type ApiResponse, type CallInfo, type Clock, type Knobs } from '../../kit/index.js'
import type { BackgroundMembers } from '../state/background-members.js'
import type { PageFaults, RsvpArgs } from './paging.js'
import type { Caller } from './credentials.js'
import { prepare, run, type Documents, type Prepared } from './graphql.js'
import type { EventRecord } from '../state/model.js'
import type { OAuth } from './oauth.js'
import type { Organizer } from '../state/organizer.js'
import type { RateLimit } from './rate-limit.js'
import { createRoot } from './root.js'
import type { MeetupState } from '../state/state.js'
import type { Toggles } from '../toggles.js'

export interface ApiPorts {
  schema: GraphQLSchema
  state: MeetupState
  organizer: Organizer
  oauth: OAuth
  rateLimit: RateLimit
  pages: PageFaults
  backgroundMembers: BackgroundMembers
  knobs: Knobs
  toggles: Toggles
  clock: Clock
}

const BAD_GATEWAY: ApiResponse = {
  status: 502,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<html><head><title>502</title></head><body><h1>502 Bad Gateway</h1></body></html>',
}

/** Of all simulators, since they have the same schema. */
const DOCUMENTS: Documents = new Map()

/** `POST /gql-ext`. */
export class Api {
  private readonly prepared = new WeakMap<FastifyRequest, Prepared>()

  constructor(private readonly ports: ApiPorts) {}

  callInfo(request: FastifyRequest): CallInfo {
    const prepared = this.prepare(request)
    if (prepared.kind === 'INVALID') return { operation: 'invalid', kind: 'read', weight: 0 }
    const { name, mutation, price } = prepared
    return { operation: name, kind: mutation ? 'write' : 'read', weight: price }
  }

  /** @throws Rejection 401 */
  async handle(request: FastifyRequest): Promise<ApiResponse> {
    const { oauth, toggles, rateLimit, organizer, backgroundMembers } = this.ports
    const prepared = this.prepare(request)
    const caller = oauth.callerOf(request.headers.authorization)
    const mutation = prepared.kind === 'OPERATION' && prepared.mutation
    if (!caller && (mutation || toggles.current.unauthenticatedReads === 'refuse' || request.headers.authorization)) {
      throw unauthorized()
    }
    if (prepared.kind === 'INVALID') return { status: 200, body: prepared.body }
    const rejection = rateLimit.take(caller, prepared.price, 'event')
    const emptied = rejection !== null && !mutation && toggles.current.throttleAsEmptyPage === 'yes'
    if (rejection && !emptied) return rejection
    backgroundMembers.topUpCarts()
    const failure = { page: false }
    const body = await run(
      this.ports.schema,
      prepared,
      createRoot(this.viewer(caller, mutation, emptied, failure), organizer),
    )
    return failure.page ? BAD_GATEWAY : { status: 200, body }
  }

  /** The response to a call that the `throttleRate` knob rejects. */
  throttled(): ApiResponse {
    return this.ports.rateLimit.throttled('event')
  }

  private viewer(caller: Caller | null, mutation: boolean, emptied: boolean, failure: { page: boolean }) {
    const { state, clock, knobs, pages } = this.ports
    const pageFaults = (event: EventRecord, args: RsvpArgs) => {
      if (args.after != null) pages.shift(event.id)
      const { failed, ...faults } = pages.draw(event, args, emptied)
      failure.page ||= failed
      return faults
    }
    const at = clock.now() - (mutation ? 0 : knobs.current.readLagMs)
    return { state, memberId: caller?.memberId ?? null, at, pageFaults }
  }

  private prepare(request: FastifyRequest): Prepared {
    const cached = this.prepared.get(request)
    if (cached) return cached
    const prepared = prepare(this.ports.schema, DOCUMENTS, request.body)
    this.prepared.set(request, prepared)
    return prepared
  }
}

function unauthorized(): Rejection {
  const error = { message: 'Unauthorized', extensions: { code: 'UNAUTHENTICATED' } }
  return new Rejection({ status: 401, body: { errors: [error] } })
}
