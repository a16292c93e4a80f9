import { Injectable } from '@nestjs/common'
import { EncryptedSecrets } from '../infrastructure/encryption/encrypted-secrets.js'
import { ConnectionCredentials } from './connection-credentials.js'
import { ConnectionStore } from './connection-store.js'

/** Encrypts everything that is stored encrypted with the newest key, so that the others can be removed. */
@Injectable()
export class SecretRotation {
  constructor(
    private readonly secrets: EncryptedSecrets,
    private readonly credentials: ConnectionCredentials,
    private readonly connections: ConnectionStore,
  ) {}

  /** Returns how many were encrypted again; repeating it is harmless. Throws NotDecryptable. */
  async rotate(): Promise<number> {
    let rotated = await this.secrets.rotate()
    for (const connection of await this.connections.list()) {
      const renewed = this.credentials.renewed(connection)
      if (renewed === null || connection.credentials === null) continue
      if (await this.connections.reencrypt(connection.id, connection.credentials, renewed)) rotated += 1
    }
    return rotated
  }
}
