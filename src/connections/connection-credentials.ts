import { Injectable } from '@nestjs/common'
import type { Connection } from '../domain/connection-record.js'
import { KeyRing, NotDecryptable } from '../infrastructure/encryption/key-ring.js'

/** Credentials of an account, as the routes take them: texts by name. */
export type Credentials = Readonly<Record<string, string>>

/** The encrypted credentials of connections, each bound to its connection. */
@Injectable()
export class ConnectionCredentials {
  constructor(private readonly keys: KeyRing) {}

  get isUsable(): boolean {
    return this.keys.isUsable
  }

  /** Throws NotDecryptable without a key. */
  encrypt(connectionId: string, credentials: Credentials): Buffer {
    return this.keys.encrypt(contextOf(connectionId), JSON.stringify(credentials))
  }

  /** Throws NotDecryptable. */
  decrypt({ id, credentials }: Pick<Connection, 'id' | 'credentials'>): Credentials {
    if (credentials === null) throw new NotDecryptable('the connection has no credentials')
    return JSON.parse(this.keys.decrypt(contextOf(id), credentials)) as Credentials
  }

  /** The same credentials encrypted with the newest key; null: they are. Throws NotDecryptable. */
  renewed({ id, credentials }: Pick<Connection, 'id' | 'credentials'>): Buffer | null {
    if (credentials === null || this.keys.isNewest(credentials)) return null
    return this.keys.encrypt(contextOf(id), this.keys.decrypt(contextOf(id), credentials))
  }
}

function contextOf(connectionId: string): string {
  return `connection ${connectionId}`
}
