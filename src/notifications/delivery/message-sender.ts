import { Injectable } from '@nestjs/common'
import { Webhook } from 'standardwebhooks'
import { MailSender } from '../../infrastructure/mail/mail-sender.js'
import { AddressGuard } from '../../infrastructure/outbound/address-guard.js'
import { guardedPost, type PostResponse } from '../../infrastructure/outbound/guarded-post.js'
import { singleLine } from '../../infrastructure/text/single-line.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { withTimeout } from '../../infrastructure/time/with-timeout.js'
import type { TargetKind } from '../kinds.js'
import type { Message } from '../message.js'
import type { TargetSecrets } from '../targets/target-secrets.js'
import { discordBody, mailOf, slackBody, webhookBody } from './formats.js'

const CONNECT_MS = 5_000
/** Of one attempt. */
export const ATTEMPT_MS = 10_000
const MAX_BODY_BYTES = 2_000
const MAX_SHOWN_BODY = 200
/** Limits what a receiver can request with Retry-After. */
const MAX_RETRY_AFTER_SECONDS = 600

export class NotAccepted extends Error {
  override readonly name = 'NotAccepted'

  /** `retryAfterMs`: as the receiver requests; null: it does not. */
  constructor(
    message: string,
    readonly retryAfterMs: number | null,
  ) {
    super(message)
  }
}

/** Sends one message once. */
@Injectable()
export class MessageSender {
  constructor(
    private readonly guard: AddressGuard,
    private readonly mails: MailSender,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** Rejects when it was not accepted in time; it may have been received. */
  async send(kind: TargetKind, secrets: TargetSecrets, message: Message): Promise<void> {
    switch (kind) {
      case 'SLACK':
        return this.post(secrets, JSON.stringify(slackBody(message)))
      case 'DISCORD':
        return this.post(secrets, JSON.stringify(discordBody(message)))
      case 'EMAIL':
        return this.mail(secrets.target, message)
      case 'WEBHOOK': {
        // What is signed is what is sent.
        const body = JSON.stringify(webhookBody(message))
        return this.post(secrets, body, this.signature(secrets, message.id, body))
      }
    }
  }

  private async post({ target }: TargetSecrets, body: string, headers: Record<string, string> = {}): Promise<void> {
    const response = await guardedPost(new URL(target), {
      headers: { 'content-type': 'application/json', ...headers },
      body,
      guard: this.guard,
      connectMs: CONNECT_MS,
      totalMs: ATTEMPT_MS,
      maxBody: MAX_BODY_BYTES,
    })
    if (response.status < 200 || response.status > 299) throw refusalOf(response)
  }

  private signature({ signingSecret }: TargetSecrets, id: string, body: string): Record<string, string> {
    if (signingSecret === null) throw new Error('the webhook has no signing secret')
    const at = this.clock.now()
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(signingSecret).sign(id, at, body),
    }
  }

  private mail(recipient: string, message: Message): Promise<void> {
    const mail = { kind: 'NOTIFICATION', recipient, ...mailOf(message) }
    return withTimeout(ATTEMPT_MS, () => this.mails.send(message.id, mail), this.timers)
  }
}

function refusalOf({ status, headers, body }: PostResponse): NotAccepted {
  const redirect = status >= 300 && status < 400 ? '; redirects are not followed' : ''
  const text = body.trim() === '' ? '' : `: ${singleLine(body.trim(), MAX_SHOWN_BODY)}`
  const seconds = Number(headers['retry-after'])
  const retryAfterMs = seconds > 0 ? Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1_000 : null
  return new NotAccepted(`it responded ${status}${redirect}${text}`, retryAfterMs)
}
