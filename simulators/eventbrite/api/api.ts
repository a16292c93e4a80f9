import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Rejection, type ApiResponse, type CallInfo, type Faults } from '../../kit/index.js'
import { rejection } from '../errors.js'
import type { RateLimit, RateLimitState } from './rate-limit.js'
import type { Sales } from '../state/sales.js'
import type { EventbriteState } from '../state/state.js'
import type { Waypoints } from './waypoints.js'

/** An authenticated request within the rate limit, with the instant whose state it reads. */
export interface ApiCall {
  params: Record<string, string>
  query: Record<string, string | undefined>
  body: unknown
  /** Reads return the state of this instant, ms since the epoch. */
  at: number
}

type Handler = (call: ApiCall) => unknown

const WAYPOINT = 'eventbrite-api-waypoint-token'

/** The frame around every API route: tokens, rate limit, waypoints and the response headers. */
export class Api {
  constructor(
    private readonly ports: {
      state: EventbriteState
      sales: Sales
      faults: Faults
      rateLimit: RateLimit
      waypoints: Waypoints
      tokens: readonly string[]
    },
  ) {}

  get(app: FastifyInstance, path: string, operation: string, handler: Handler): void {
    app.get(path, this.route({ operation, kind: 'read', weight: 1 }, handler))
  }

  post(app: FastifyInstance, path: string, operation: string, handler: Handler): void {
    app.post(path, this.route({ operation, kind: 'write', weight: 1 }, handler))
  }

  delete(app: FastifyInstance, path: string, operation: string, handler: Handler): void {
    app.delete(path, this.route({ operation, kind: 'write', weight: 1 }, handler))
  }

  /** The response to a call that the `throttleRate` knob rejects. */
  throttled(request: FastifyRequest): ApiResponse {
    const { rateLimit, state } = this.ports
    return this.tooMany(rateLimit.throttled(tokenOf(request) ?? 'NONE', state.now()))
  }

  private route(info: CallInfo, handler: Handler) {
    return this.ports.faults.route(info, (request) => this.handle(info, request, handler))
  }

  private handle(info: CallInfo, request: FastifyRequest, handler: Handler): ApiResponse {
    const { state, rateLimit, waypoints, sales } = this.ports
    const now = state.now()
    const limit = rateLimit.take(this.authenticate(request), now)
    if (!limit.allowed) return this.tooMany(limit)
    sales.expireCarts()
    const pinned = waypoints.isValid(request.headers[WAYPOINT], now)
    const lag = pinned ? 0 : state.ports.knobs.current.readLagMs
    const params = request.params as Record<string, string>
    const query = request.query as Record<string, string | undefined>
    const response = responseOf(() => handler({ params, query, body: request.body, at: now - lag }))
    const headers: Record<string, string> = { 'x-rate-limit': limit.header }
    const written = info.kind === 'write' && response.status < 300
    if (written || pinned) headers[WAYPOINT] = waypoints.issue(now)
    return { ...response, headers }
  }

  private authenticate(request: FastifyRequest): string {
    const token = tokenOf(request)
    if (token === null) throw rejection(401, 'NO_AUTH', 'Authentication is required for this endpoint.')
    if (token === '') throw rejection(400, 'INVALID_AUTH_HEADER', 'The Authorization header is malformed.')
    if (this.ports.tokens.includes(token)) return token
    const { invalidAuthStatus } = this.ports.state.ports.toggles.current
    throw rejection(invalidAuthStatus, 'INVALID_AUTH', 'The OAuth token you provided was invalid.')
  }

  private tooMany({ header, retryAfterSeconds }: RateLimitState): ApiResponse {
    const body = { status_code: 429, error: 'HIT_RATE_LIMIT', error_description: 'You have hit your rate limit.' }
    const headers: Record<string, string> = { 'x-rate-limit': header }
    const { retryAfterHeader } = this.ports.state.ports.toggles.current
    if (retryAfterHeader === 'yes') headers['retry-after'] = String(retryAfterSeconds)
    return { status: 429, headers, body }
  }
}

function responseOf(handler: () => unknown): ApiResponse {
  try {
    return { status: 200, body: handler() }
  } catch (error) {
    if (error instanceof Rejection) return error.response
    throw error
  }
}

/** Null: no token. Empty: a malformed header. */
function tokenOf(request: FastifyRequest): string | null {
  const { authorization } = request.headers
  const { token } = request.query as { token?: string }
  if (authorization === undefined) return token ?? null
  return /^Bearer (\S+)$/.exec(authorization)?.[1] ?? ''
}
