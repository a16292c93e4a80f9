import { Injectable, Logger } from '@nestjs/common'
import { ConnectionCredentials } from '../connections/connection-credentials.js'
import { ConnectionStore } from '../connections/connection-store.js'
import type { Connection } from '../domain/connection-record.js'
import { SignatureStore } from '../inbound/receive/signature-store.js'
import { SubscriptionStore } from '../inbound/subscriptions/subscription-store.js'
import { Subscriptions } from '../inbound/subscriptions/subscriptions.js'
import { newId } from '../infrastructure/ids.js'
import { ConnectionAdapters } from '../platforms/connection-adapters.js'
import { describeFailure } from '../platforms/describe-failure.js'
import { Outbound } from '../platforms/outbound.js'

/** What a removed connection leaves behind: webhooks on the platform, and stored values. */
@Injectable()
export class RemovedConnections {
  private readonly logger = new Logger(RemovedConnections.name)

  constructor(
    private readonly store: ConnectionStore,
    private readonly credentials: ConnectionCredentials,
    private readonly adapters: ConnectionAdapters,
    private readonly outbound: Outbound,
    private readonly subscriptions: Subscriptions,
    private readonly subscriptionStore: SubscriptionStore,
    private readonly signatures: SignatureStore,
  ) {}

  /** `before`: as it was, with its credentials. What cannot be done does no harm: its deliveries are refused. */
  async cleanUp(before: Connection): Promise<void> {
    const { id, fingerprint } = before
    await this.subscriptionStore.forget(id)
    await this.signatures.clear(id)
    try {
      const secrets = this.credentials.decrypt(before)
      await this.endSubscription(before, secrets)
      const isShared = (await this.store.list()).some((other) => other.fingerprint === fingerprint)
      if (!isShared) await this.adapters.forgetGrantedToken(secrets.credentials)
    } catch (error) {
      this.logger.warn({ err: error, connectionId: id }, 'a removed connection may still have webhooks on its platform')
    }
  }

  private async endSubscription(
    { platform, label, id: connectionId }: Connection,
    secrets: ReturnType<ConnectionCredentials['decrypt']>,
  ): Promise<void> {
    // With a client of its own, since that of the connection is gone.
    const id = newId('con')
    try {
      const connection = this.adapters.added({ id, platform, label }, secrets)
      const address = this.subscriptions.addressFor(connection)
      if (address === null) return
      const outcome = await connection.adapter.endWebhookSubscription?.(address, { lane: 'protect' })
      if (outcome === undefined || outcome.kind === 'OK') return
      const failure = describeFailure(outcome)
      this.logger.warn({ connectionId, failure }, 'the webhooks of a removed connection were not deleted')
    } finally {
      this.outbound.removeClient(id)
    }
  }
}
