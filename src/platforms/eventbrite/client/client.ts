import { turnOf, type CallInOperation } from '../../operation.js'
import type { Outcome } from '../../port.js'
import type { PlatformResponse, PlatformHttp, PlatformRequest } from '../../http/platform-http.js'
import type { EventbriteConfig } from '../config.js'
import { isId, isObject, type JsonObject } from '../../kit/response-shape.js'
import { ok, rejected } from '../../kit/outcomes.js'
import { decodeValue, failureOf } from './outcomes.js'
import { reportedWaitMs, fallbackWaitMs, readRateLimit } from './rate-limit.js'

export interface ApiResponse {
  body: JsonObject
  /** Sent with the next read, which then includes everything up to this response. Null: the response had none. */
  waypoint: string | null
}

export interface ApiCall {
  /** Path segments below the API base, e.g. `['events', '1', 'capacity_tier']`. */
  path: string[]
  operation: string
  query?: Record<string, string>
  waypoint?: string | null
}

export interface ClientOptions {
  config: EventbriteConfig
  http: PlatformHttp
  now: () => Date
}

const WAYPOINT = 'eventbrite-api-waypoint-token'

/** Client for Eventbrite's conventions: bearer token, trailing slash, waypoint, error bodies, rate limit header. */
export class EventbriteClient {
  /** Consecutive 429 responses without a reported wait, for the backoff. */
  private unexplained429s = 0

  constructor(private readonly options: ClientOptions) {}

  get configured(): boolean {
    return (this.options.config.token ?? '') !== ''
  }

  get(call: ApiCall, context: CallInOperation): Promise<Outcome<ApiResponse>> {
    return this.send({ method: 'GET', kind: 'read' }, call, context)
  }

  /** Creates and updates: Eventbrite has neither PUT nor PATCH. */
  post(call: ApiCall, json: JsonObject, context: CallInOperation): Promise<Outcome<ApiResponse>> {
    return this.send({ method: 'POST', kind: 'write', json }, call, context)
  }

  delete(call: ApiCall, context: CallInOperation): Promise<Outcome<ApiResponse>> {
    return this.send({ method: 'DELETE', kind: 'write' }, call, context)
  }

  private async send(
    verb: Pick<PlatformRequest, 'method' | 'kind' | 'json'>,
    call: ApiCall,
    context: CallInOperation,
  ): Promise<Outcome<ApiResponse>> {
    const { config, http } = this.options
    if (!this.configured) return { kind: 'AUTH_FAILED', message: 'no Eventbrite token is configured' }
    if (!call.path.every(isSegment)) return rejected('INVALID_ID', 'the id cannot be part of a URL')
    const headers: Record<string, string> = { authorization: `Bearer ${config.token}`, accept: 'application/json' }
    if (isHeaderText(call.waypoint)) headers[WAYPOINT] = call.waypoint
    const url = this.urlOf(call)
    const { operation } = call
    const result = await http.call({
      ...verb,
      url,
      headers,
      operation,
      weight: 1,
      lane: context.lane,
      fence: context.fence,
      urgent: context.urgent,
      ...turnOf(context),
    })
    if (result.kind !== 'RESPONSE') return result
    if (context.progress) context.progress.started = true
    return this.handle(result)
  }

  private urlOf(call: ApiCall): string {
    const base = this.options.config.apiUrl.replace(/\/+$/, '')
    const query = new URLSearchParams(call.query).toString()
    return `${base}/${call.path.map(encodeURIComponent).join('/')}/${query === '' ? '' : `?${query}`}`
  }

  private async handle(response: PlatformResponse): Promise<Outcome<ApiResponse>> {
    const { http, now } = this.options
    const { status, headers, json } = response
    if (status === 429) {
      const waitMs = reportedWaitMs(headers, now()) ?? fallbackWaitMs(this.unexplained429s++)
      return http.throttled(new Date(now().getTime() + waitMs))
    }
    this.unexplained429s = 0
    const [mostUsed] = readRateLimit(headers['x-rate-limit'])
    if (mostUsed !== undefined) await http.observe(mostUsed)
    const failure = failureOf(response)
    if (failure !== null) return failure
    return ok({ body: isObject(json) ? json : {}, waypoint: headers[WAYPOINT] ?? null })
  }
}

/**
 * Ids are opaque. Encoded, any text is one path segment, except for an empty one and for `..` and `../..`, which URLs
 * resolve even when encoded.
 */
function isSegment(text: string): boolean {
  return isId(text) && text !== '.' && text !== '..'
}

/** A waypoint that is not valid in a header is omitted: the read may then only be older. */
function isHeaderText(text: string | null | undefined): text is string {
  return typeof text === 'string' && /^[\x21-\x7e]{1,4000}$/.test(text)
}

/** Decodes the body of a response; keeps the waypoint. */
export function decodeResponse<T>(
  outcome: Outcome<ApiResponse>,
  read: (body: JsonObject) => T,
): Outcome<WithWaypoint<T>> {
  return decodeValue(outcome, ({ body, waypoint }) => ({ value: read(body), waypoint }))
}

export interface WithWaypoint<T> {
  value: T
  waypoint: string | null
}
