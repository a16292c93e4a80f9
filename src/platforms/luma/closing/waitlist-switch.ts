import type { CallContext, Outcome } from '../../port.js'
import { isObject } from '../../kit/response-shape.js'
import { ok } from '../../kit/outcomes.js'
import { ignoreResponse, type LumaClient } from '../client/client.js'
import { readEvent, type LumaEvent } from '../caps/event.js'

const API_DESCRIPTION_TTL_MS = 24 * 3_600_000
/** How long an enabled waitlist is not checked again: an event may be closed repeatedly in a short time. */
const ENABLED_TTL_MS = 600_000
const MAX_CACHED_EVENTS = 500
const UPDATE_ROUTE = '/v1/events/update'

/**
 * Enables the waitlist of an event. Whether Luma's API supports this is shown by its published OpenAPI description: the
 * field is sent only if listed there, and reading the event afterwards confirms whether it took effect.
 */
export class WaitlistSwitch {
  private cachedSupport: { supported: boolean; at: number } | null = null
  /** When the waitlist of an event was last confirmed as enabled, ms since the epoch. */
  private readonly enabledAt = new Map<string, number>()

  constructor(private readonly ports: { client: LumaClient; now: () => Date }) {}

  /** Returns whether the event has a waitlist. Idempotent; at most 4 calls, 1 if already enabled, none if cached. */
  async ensureEnabled(eventId: string, context: CallContext): Promise<Outcome<boolean>> {
    const enabledAt = this.enabledAt.get(eventId) ?? Number.NEGATIVE_INFINITY
    if (this.ports.now().getTime() - enabledAt < ENABLED_TTL_MS) return ok(true)
    const enabled = await this.enable(eventId, context)
    if (this.enabledAt.size >= MAX_CACHED_EVENTS) this.enabledAt.clear()
    if (enabled.kind === 'OK' && enabled.value) this.enabledAt.set(eventId, this.ports.now().getTime())
    return enabled
  }

  private async enable(eventId: string, context: CallContext): Promise<Outcome<boolean>> {
    const { client } = this.ports
    const before = await readEvent(client, eventId, context)
    if (before.kind !== 'OK' || before.value.waitlist === 'enabled') return isEnabled(before)
    const supported = await this.isSupported(context)
    if (supported.kind !== 'OK' || !supported.value) return supported
    const body = { event_id: eventId, waitlist_status: 'enabled', suppress_notifications: true }
    const updated = await client.post(UPDATE_ROUTE, body, 'enable_waitlist', context, ignoreResponse)
    if (updated.kind !== 'OK') return updated
    return isEnabled(await readEvent(client, eventId, context))
  }

  private async isSupported(context: CallContext): Promise<Outcome<boolean>> {
    const now = this.ports.now().getTime()
    const cached = this.cachedSupport
    if (cached && now - cached.at < API_DESCRIPTION_TTL_MS) return ok(cached.supported)
    const read = await this.ports.client.get('/openapi.json', {}, 'read_api_description', context, listsWaitlistStatus)
    // Without a description the field counts as unsupported, and retrying would not change that.
    const supported = read.kind === 'GONE' || read.kind === 'REJECTED' ? ok(false) : read
    if (supported.kind === 'OK') this.cachedSupport = { supported: supported.value, at: now }
    return supported
  }
}

function isEnabled(event: Outcome<LumaEvent>): Outcome<boolean> {
  return event.kind === 'OK' ? ok(event.value.waitlist === 'enabled') : event
}

function listsWaitlistStatus(description: unknown): boolean {
  const path = ['paths', UPDATE_ROUTE, 'post', 'requestBody', 'content', 'application/json', 'schema', 'properties']
  let node = description
  for (const name of path) node = isObject(node) ? node[name] : null
  return isObject(node) && Object.hasOwn(node, 'waitlist_status')
}
