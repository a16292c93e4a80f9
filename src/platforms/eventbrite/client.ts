import { continuesWrite, type CallInOperation } from '../operation.js'
import type { Outcome } from '../port.js'
import type { PlatformResponse, PlatformHttp, PlatformRequest } from '../http/platform-http.js'
import type { EventbriteConfig } from './config.js'
import { failureOf } from './errors.js'
import { isId, isObject, type JsonObject } from './fields.js'
import { decode, ok, rejected } from './outcomes.js'
import { explainedWait, fallbackWait, parseRateLimit } from './rate-limit.js'

export interface Answer {
  body: JsonObject
  /** Sent on the next read, it makes that read see everything up to this answer. Null: the answer gave none. */
  waypoint: string | null
}

export interface Call {
  /** Segments below the API base, e.g. `['events', '1', 'capacity_tier']`. */
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

/** Speaks Eventbrite's conventions: bearer token, trailing slash, waypoint, error bodies, rate-limit header. */
export class EventbriteClient {
  // Only lengthens the wait while Eventbrite refuses without saying until when.
  private unexplainedRefusals = 0

  constructor(private readonly options: ClientOptions) {}

  get configured(): boolean {
    return (this.options.config.token ?? '') !== ''
  }

  get(call: Call, context: CallInOperation): Promise<Outcome<Answer>> {
    return this.send({ method: 'GET', kind: 'read' }, call, context)
  }

  /** Creates and updates: Eventbrite knows neither PUT nor PATCH. */
  post(call: Call, json: JsonObject, context: CallInOperation): Promise<Outcome<Answer>> {
    return this.send({ method: 'POST', kind: 'write', json }, call, context)
  }

  delete(call: Call, context: CallInOperation): Promise<Outcome<Answer>> {
    return this.send({ method: 'DELETE', kind: 'write' }, call, context)
  }

  private async send(
    verb: Pick<PlatformRequest, 'method' | 'kind' | 'json'>,
    call: Call,
    context: CallInOperation,
  ): Promise<Outcome<Answer>> {
    const { config, http } = this.options
    if (!this.configured) return { kind: 'AUTH_FAILED', message: 'no Eventbrite token is configured' }
    if (!call.path.every(isSegment)) return rejected('INVALID_ID', 'an id that no address can hold')
    const headers: Record<string, string> = { authorization: `Bearer ${config.token}`, accept: 'application/json' }
    if (isHeaderText(call.waypoint)) headers[WAYPOINT] = call.waypoint
    const url = this.address(call)
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
      continues: continuesWrite(context),
    })
    if (result.kind !== 'ANSWER') return result
    if (context.progress) context.progress.begun = true
    return this.digest(result)
  }

  private address(call: Call): string {
    const base = this.options.config.apiUrl.replace(/\/+$/, '')
    const query = new URLSearchParams(call.query).toString()
    return `${base}/${call.path.map(encodeURIComponent).join('/')}/${query === '' ? '' : `?${query}`}`
  }

  private async digest(answer: PlatformResponse): Promise<Outcome<Answer>> {
    const { http, now } = this.options
    if (answer.status === 429) {
      const wait = explainedWait(answer.headers, now()) ?? fallbackWait(this.unexplainedRefusals++)
      return http.throttled(new Date(now().getTime() + wait))
    }
    this.unexplainedRefusals = 0
    const worst = parseRateLimit(answer.headers['x-rate-limit'])[0]
    if (worst !== undefined) await http.observe(worst)
    const failure = failureOf(answer)
    if (failure !== null) return failure
    const body = isObject(answer.json) ? answer.json : {}
    return ok({ body, waypoint: answer.headers[WAYPOINT] ?? null })
  }
}

/**
 * Ids are opaque. Encoded, any text stays one segment of the address but an empty one and the two that stand for a
 * folder, which URLs resolve even where they are encoded.
 */
function isSegment(text: string): boolean {
  return isId(text) && text !== '.' && text !== '..'
}

/** What a header cannot carry is left out: a read without a waypoint is only older. */
function isHeaderText(text: string | null | undefined): text is string {
  return typeof text === 'string' && /^[\x21-\x7e]{1,4000}$/.test(text)
}

/** Reads a value out of an answer and keeps the waypoint beside it. */
export function decodeAnswer<T>(outcome: Outcome<Answer>, read: (body: JsonObject) => T): Outcome<Seen<T>> {
  return decode(outcome, ({ body, waypoint }) => ({ value: read(body), waypoint }))
}

export interface Seen<T> {
  value: T
  waypoint: string | null
}
