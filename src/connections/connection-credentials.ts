import { Injectable } from '@nestjs/common'
import type { Connection } from '../domain/connection-record.js'
import { KeyRing, NotDecryptable } from '../infrastructure/encryption/key-ring.js'
import type { Credentials } from '../platforms/credentials.js'

/** What is stored encrypted of an added connection. */
export interface StoredSecrets {
  credentials: Credentials
  /** The secret last segment of its webhook URL. */
  webhookToken: string
}

/** The encrypted secrets of connections, each bound to its connection. */
@Injectable()
export class ConnectionCredentials {
  constructor(private readonly keys: KeyRing) {}

  get isUsable(): boolean {
    return this.keys.isUsable
  }

  /** Throws NotDecryptable without a key. */
  encrypt(connectionId: string, secrets: StoredSecrets): Buffer {
    return this.keys.encrypt(contextOf(connectionId), JSON.stringify(secrets))
  }

  /** Throws NotDecryptable. */
  decrypt({ id, credentials }: Pick<Connection, 'id' | 'credentials'>): StoredSecrets {
    if (credentials === null) throw new NotDecryptable('the connection has no credentials')
    return JSON.parse(this.keys.decrypt(contextOf(id), credentials)) as StoredSecrets
  }

  /** The same secrets encrypted with the newest key; null: they are. Throws NotDecryptable. */
  renewed({ id, credentials }: Pick<Connection, 'id' | 'credentials'>): Buffer | null {
    if (credentials === null || this.keys.isNewest(credentials)) return null
    return this.keys.encrypt(contextOf(id), this.keys.decrypt(contextOf(id), credentials))
  }
}

function contextOf(connectionId: string): string {
  return `connection ${connectionId}`
}
