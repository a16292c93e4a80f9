import { Webhook } from 'standardwebhooks'
import { WebhookSender, type SenderPorts } from '../kit/index.js'
import type { Ids } from './state/ids.js'
import type { EventRecord, RsvpRecord } from './state/model.js'
import { meetupTime } from './api/views.js'
import type { Toggles } from './toggles.js'

export interface HintTarget {
  /** On loopback. */
  url: string
  /** `whsec_…`; each delivery is signed with all of them, as during a rotation. */
  secrets: string[]
}

const POLICY = { timeoutMs: 15_000, retryDelaysMs: [1_000, 5_000, 30_000, 300_000], concurrency: 20 }

/** A bridge that sends a signed hint for each change of an RSVP; Meetup itself has no webhooks. */
export class Webhooks {
  readonly sender: WebhookSender
  private target: (HintTarget & { signers: Webhook[] }) | null = null

  constructor(
    private readonly ports: SenderPorts & { toggles: Toggles; ids: Ids },
    target: HintTarget | null,
  ) {
    this.sender = new WebhookSender(ports, POLICY)
    this.setTarget(target)
  }

  /** @throws Error for an invalid secret */
  setTarget(target: HintTarget | null): void {
    this.target = target && { ...target, signers: target.secrets.map((secret) => new Webhook(secret)) }
  }

  rsvpChanged(event: EventRecord, rsvp: RsvpRecord | null): void {
    const { toggles } = this.ports
    if (rsvp && toggles.current.bridgeHints === 'on') this.send(event, toggles.current.hintRsvp === 'yes' ? rsvp : null)
  }

  /** Sends one now, regardless of the toggle; does nothing without a target. */
  send(event: EventRecord, rsvp: RsvpRecord | null): void {
    if (!this.target) return
    const { url, signers } = this.target
    const id = this.ports.ids.message()
    const body = JSON.stringify({
      type: 'rsvp.changed',
      data: { eventId: event.id, ...(rsvp ? { rsvp: rsvpPayload(rsvp) } : {}) },
    })
    this.sender.send({ id: 'bridge', url }, (_attempt, at) => {
      const signature = signers.map((signer) => signer.sign(id, new Date(at), body)).join(' ')
      const timestamp = String(Math.floor(at / 1_000))
      return { body, headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } }
    })
  }
}

function rsvpPayload({ id, status, guestsCount, updated, memberId, memberName }: RsvpRecord) {
  return { id, status, guestsCount, updated: meetupTime(updated), member: { id: memberId, name: memberName } }
}
