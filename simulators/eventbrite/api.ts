import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal, type Answer, type CallInfo, type Faults } from '../kit/index.js'
import type { Buckets, BucketState } from './buckets.js'
import { refusal } from './refusals.js'
import type { BoxOffice } from './box-office.js'
import type { Waypoints } from './waypoints.js'
import type { World } from './world.js'

/** A request that passed the door: who asks is known, and as of when the answer may be. */
export interface ApiCall {
  params: Record<string, string>
  query: Record<string, string | undefined>
  body: unknown
  /** Reads show the state of this moment, ms since the epoch. */
  at: number
}

type Work = (call: ApiCall) => unknown

const WAYPOINT = 'eventbrite-api-waypoint-token'

/** The door of the API: tokens, limits, waypoints, and the envelope of every answer. */
export class Api {
  constructor(
    private readonly ports: {
      world: World
      office: BoxOffice
      faults: Faults
      buckets: Buckets
      waypoints: Waypoints
      tokens: readonly string[]
    },
  ) {}

  get(app: FastifyInstance, path: string, operation: string, work: Work): void {
    app.get(path, this.route({ operation, kind: 'read', weight: 1 }, work))
  }

  post(app: FastifyInstance, path: string, operation: string, work: Work): void {
    app.post(path, this.route({ operation, kind: 'write', weight: 1 }, work))
  }

  delete(app: FastifyInstance, path: string, operation: string, work: Work): void {
    app.delete(path, this.route({ operation, kind: 'write', weight: 1 }, work))
  }

  /** How a forced refusal looks. */
  throttled(request: FastifyRequest): Answer {
    const { buckets, world } = this.ports
    return this.tooMany(buckets.forced(tokenOf(request) ?? 'NONE', world.now()))
  }

  private route(info: CallInfo, work: Work) {
    return this.ports.faults.route(info, (request) => this.handle(info, request, work))
  }

  private handle(info: CallInfo, request: FastifyRequest, work: Work): Answer {
    const { world, buckets, waypoints, office } = this.ports
    const now = world.now()
    const state = buckets.take(this.admit(request), now)
    if (!state.allowed) return this.tooMany(state)
    office.expire()
    const pinned = waypoints.isValid(request.headers[WAYPOINT], now)
    const lag = pinned ? 0 : world.ports.knobs.current.readLagMs
    const params = request.params as Record<string, string>
    const query = request.query as Record<string, string | undefined>
    const answer = answerOf(() => work({ params, query, body: request.body, at: now - lag }))
    const headers: Record<string, string> = { 'x-rate-limit': state.header }
    const fresh = info.kind === 'write' && answer.status < 300
    if (fresh || pinned) headers[WAYPOINT] = waypoints.issue(now)
    return { ...answer, headers }
  }

  private admit(request: FastifyRequest): string {
    const token = tokenOf(request)
    if (token === null) throw refusal(401, 'NO_AUTH', 'Authentication is required for this endpoint.')
    if (token === '') throw refusal(400, 'INVALID_AUTH_HEADER', 'The Authorization header is malformed.')
    if (this.ports.tokens.includes(token)) return token
    const { invalidAuthStatus } = this.ports.world.ports.toggles.current
    throw refusal(invalidAuthStatus, 'INVALID_AUTH', 'The OAuth token you provided was invalid.')
  }

  private tooMany({ header, retryAfterSeconds }: BucketState): Answer {
    const body = { status_code: 429, error: 'HIT_RATE_LIMIT', error_description: 'You have hit your rate limit.' }
    const headers: Record<string, string> = { 'x-rate-limit': header }
    const says = this.ports.world.ports.toggles.current.retryAfterHeader === 'yes'
    if (says) headers['retry-after'] = String(retryAfterSeconds)
    return { status: 429, headers, body }
  }
}

function answerOf(work: () => unknown): Answer {
  try {
    return { status: 200, body: work() }
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

/** Null: none given. Empty: given wrongly. */
function tokenOf(request: FastifyRequest): string | null {
  const { authorization } = request.headers
  const { token } = request.query as { token?: string }
  if (authorization === undefined) return token ?? null
  return /^Bearer (\S+)$/.exec(authorization)?.[1] ?? ''
}
