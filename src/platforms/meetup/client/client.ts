import type { PlatformResponse, PlatformHttp, PlatformResult } from '../../http/platform-http.js'
import type { OperationContext } from '../../operation.js'
import type { Failure, Outcome } from '../../port.js'
import type { JsonObject } from '../../kit/response-shape.js'
import { classifyResponse, type Classified } from './outcomes.js'
import type { Operation } from './operations.js'
import { readRateLimit } from './rate-limit.js'
import type { TokenSource } from '../access/token-source.js'

export interface ClientPorts {
  http: PlatformHttp
  now: () => Date
}

export interface ClientSettings {
  apiUrl: string
  pointsPerWindow: number
  /** Null: not configured. */
  tokens: TokenSource | null
}

const NOT_CONFIGURED: Failure = { kind: 'AUTH_FAILED', message: 'Meetup has no credentials configured' }

/** Sends GraphQL operations and returns the value of their root field, or a failure. */
export class MeetupClient {
  constructor(
    private readonly settings: ClientSettings,
    private readonly ports: ClientPorts,
  ) {}

  async execute(operation: Operation, variables: JsonObject, context: OperationContext): Promise<Outcome<JsonObject>> {
    const { tokens } = this.settings
    if (!tokens) return NOT_CONFIGURED
    const token = await tokens.current(context)
    if (token.kind !== 'OK') return withoutToken(operation, token)
    const first = await this.send(operation, variables, context, token.value)
    if (first.kind !== 'UNAUTHORIZED') return first
    const renewed = await tokens.renew(token.value, context)
    if (!renewed) return authFailed(first.message)
    if (renewed.kind !== 'OK') return withoutToken(operation, renewed)
    const second = await this.send(operation, variables, context, renewed.value)
    return second.kind === 'UNAUTHORIZED' ? authFailed(second.message) : second
  }

  private async send(
    operation: Operation,
    variables: JsonObject,
    { lane, fence, urgent, progress }: OperationContext,
    token: string,
  ): Promise<Exclude<Classified, { kind: 'RATE_LIMITED' }>> {
    const result: PlatformResult = await this.ports.http.call({
      method: 'POST',
      url: this.settings.apiUrl,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      json: { query: operation.query, variables },
      kind: operation.kind,
      weight: operation.weight,
      lane,
      fence,
      urgent,
      continues: progress.started,
      waits: progress.started,
      operation: operation.name,
    })
    if (result.kind !== 'RESPONSE') return result
    progress.started = true
    const classified = classifyResponse(result, operation)
    return classified.kind === 'RATE_LIMITED' ? this.throttle(result, classified.error) : classified
  }

  private async throttle(response: PlatformResponse, error: JsonObject | null): Promise<Failure> {
    const { http, now } = this.ports
    const { resumeAt, consumed, resetInMs } = readRateLimit(response, error, now())
    if (consumed !== null) await http.observe({ used: consumed, limit: this.settings.pointsPerWindow, resetInMs })
    return http.throttled(resumeAt)
  }
}

/** Without a token nothing was sent: for a write this is NOT_SENT, because nothing changed on the platform. */
export function withoutToken(operation: { kind: 'read' | 'write' }, failure: Failure): Failure {
  if (operation.kind === 'read') return failure
  return failure.kind === 'UNAVAILABLE' || failure.kind === 'UNKNOWN'
    ? { kind: 'NOT_SENT', reason: failure.reason }
    : failure
}

function authFailed(message: string): Failure {
  return { kind: 'AUTH_FAILED', message: `Meetup refused the token: ${message}. Is Meetup Pro active?` }
}
