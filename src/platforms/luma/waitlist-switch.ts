import type { CallContext, Outcome } from '../port.js'
import { isJson, ok } from './answers.js'
import { ignoreAnswer, type LumaClient } from './client.js'
import { readEvent, type LumaEvent } from './event.js'

const RECHECK_MS = 24 * 3_600_000
/** An event that had its waitlist on so lately is not asked about again: closings come in numbers. */
const KNOWN_MS = 600_000
const MAX_KNOWN = 500
const UPDATE_ROUTE = '/v1/events/update'

/**
 * Luma's API may or may not let the waitlist be switched on: its own published description tells. Only where that
 * lists the field is it sent, and only the event read afterwards says whether it took effect.
 */
export class WaitlistSwitch {
  private known: { offered: boolean; at: number } | null = null
  private readonly enabled = new Map<string, number>()

  constructor(private readonly ports: { client: LumaClient; now: () => Date }) {}

  /** True when the event has a waitlist (now). At most 4 calls, 1 where it has one already, none where that is known. */
  async ensureEnabled(eventId: string, context: CallContext): Promise<Outcome<boolean>> {
    if (this.ports.now().getTime() - (this.enabled.get(eventId) ?? Number.NEGATIVE_INFINITY) < KNOWN_MS) return ok(true)
    const enabled = await this.switchOn(eventId, context)
    if (this.enabled.size >= MAX_KNOWN) this.enabled.clear()
    if (enabled.kind === 'OK' && enabled.value) this.enabled.set(eventId, this.ports.now().getTime())
    return enabled
  }

  private async switchOn(eventId: string, context: CallContext): Promise<Outcome<boolean>> {
    const { client } = this.ports
    const before = await readEvent(client, eventId, context)
    if (before.kind !== 'OK' || before.value.waitlist === 'enabled') return isEnabled(before)
    const offered = await this.isOffered(context)
    if (offered.kind !== 'OK' || !offered.value) return offered
    const body = { event_id: eventId, waitlist_status: 'enabled', suppress_notifications: true }
    const switched = await client.post(UPDATE_ROUTE, body, 'enable_waitlist', context, ignoreAnswer)
    if (switched.kind !== 'OK') return switched
    return isEnabled(await readEvent(client, eventId, context))
  }

  private async isOffered(context: CallContext): Promise<Outcome<boolean>> {
    const now = this.ports.now().getTime()
    if (this.known && now - this.known.at < RECHECK_MS) return ok(this.known.offered)
    const read = await this.ports.client.get('/openapi.json', {}, 'read_api_description', context, listsWaitlistStatus)
    // Without a description nothing is offered, and asking again tells nothing new.
    const offered = read.kind === 'GONE' || read.kind === 'REJECTED' ? ok(false) : read
    if (offered.kind === 'OK') this.known = { offered: offered.value, at: now }
    return offered
  }
}

function isEnabled(event: Outcome<LumaEvent>): Outcome<boolean> {
  return event.kind === 'OK' ? ok(event.value.waitlist === 'enabled') : event
}

function listsWaitlistStatus(description: unknown): boolean {
  const path = ['paths', UPDATE_ROUTE, 'post', 'requestBody', 'content', 'application/json', 'schema', 'properties']
  let part = description
  for (const name of path) part = isJson(part) ? part[name] : null
  return isJson(part) && Object.hasOwn(part, 'waitlist_status')
}
