import { Injectable } from '@nestjs/common'
import { decryptJson, encryptJson, isEncryptedJson, type EncryptedJson } from './encrypted-json.js'
import { KeyRing } from './key-ring.js'
import { StoredSecrets, type StoredSecret } from './stored-secrets.js'

/** Secrets among the stored values: encrypted, each bound to its key. */
@Injectable()
export class EncryptedSecrets {
  constructor(
    private readonly keys: KeyRing,
    private readonly stored: StoredSecrets,
  ) {}

  /** False: nothing can be encrypted, and what is encrypted cannot be read. */
  get isUsable(): boolean {
    return this.keys.isUsable
  }

  /** The form in which a secret is stored. Throws NotDecryptable without a key. */
  encrypt(key: string, secret: unknown): EncryptedJson {
    return encryptJson(this.keys, key, secret)
  }

  /** The secret of a stored value. One that an earlier version stored in clear is encrypted now. Throws NotDecryptable. */
  async open({ key, value }: StoredSecret): Promise<unknown> {
    if (isEncryptedJson(value)) return decryptJson(this.keys, key, value)
    if (this.isUsable) await this.stored.replace(key, value, this.encrypt(key, value))
    return value
  }

  /** Encrypts with the newest key what is not, and returns the number. Throws NotDecryptable. */
  async rotate(): Promise<number> {
    let rotated = 0
    for (const { key, value } of await this.stored.list()) {
      if (isEncryptedJson(value) && this.keys.isNewest(Buffer.from(value.encrypted, 'base64'))) continue
      const secret = isEncryptedJson(value) ? decryptJson(this.keys, key, value) : value
      // False: it has changed since, and was encrypted with the newest key then.
      if (await this.stored.replace(key, value, this.encrypt(key, secret))) rotated += 1
    }
    return rotated
  }
}
