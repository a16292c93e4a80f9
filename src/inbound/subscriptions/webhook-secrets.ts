import { Injectable, Logger } from '@nestjs/common'
import { EncryptedSecrets } from '../../infrastructure/encryption/encrypted-secrets.js'
import { NotDecryptable } from '../../infrastructure/encryption/key-ring.js'
import { secretKey } from './stored-keys.js'
import { SubscriptionStore } from './subscription-store.js'

/** Secrets that platforms issued with a subscription, stored encrypted, by connection. */
@Injectable()
export class WebhookSecrets {
  private readonly logger = new Logger(WebhookSecrets.name)
  /** Connections whose secret cannot be read, so that it is logged once. */
  private readonly unreadable = new Set<string>()

  constructor(
    private readonly store: SubscriptionStore,
    private readonly secrets: EncryptedSecrets,
  ) {}

  /** Those that can be read, by connection. */
  async load(connectionIds: readonly string[]): Promise<Map<string, string>> {
    const loaded = new Map<string, string>()
    for (const [id, value] of await this.store.secrets(connectionIds)) {
      const secret = await this.open(id, value)
      if (typeof secret === 'string') loaded.set(id, secret)
    }
    return loaded
  }

  /** Throws NotDecryptable without a key. */
  async save(connectionId: string, secret: string): Promise<void> {
    await this.store.saveSecret(connectionId, this.secrets.encrypt(secretKey(connectionId), secret))
  }

  /** A secret that cannot be decrypted must not keep those of other connections from being loaded. */
  private async open(connectionId: string, value: unknown): Promise<unknown> {
    try {
      return await this.secrets.open({ key: secretKey(connectionId), value })
    } catch (error) {
      if (!(error instanceof NotDecryptable)) throw error
      if (!this.unreadable.has(connectionId)) {
        this.logger.error({ connectionId, err: error }, 'the webhook secret cannot be decrypted; see ENCRYPTION_KEY')
        this.unreadable.add(connectionId)
      }
      return null
    }
  }
}
