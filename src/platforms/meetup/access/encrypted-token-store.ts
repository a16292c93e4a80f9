import type { EncryptedSecrets } from '../../../infrastructure/encryption/encrypted-secrets.js'
import { NotDecryptable } from '../../../infrastructure/encryption/key-ring.js'
import type { StoredToken, TokenRow, TokenStore } from './token-store.js'

/**
 * Stores a token encrypted. Without a key, as in a command that is not given one, the process keeps the token that it
 * obtains to itself; a token that cannot be decrypted is replaced by a new one.
 */
export class EncryptedTokenStore implements TokenStore {
  private own: StoredToken | null = null

  constructor(
    private readonly key: string,
    private readonly row: TokenRow,
    private readonly secrets: Pick<EncryptedSecrets, 'isUsable' | 'encrypt' | 'open'>,
  ) {}

  async load(): Promise<StoredToken | null> {
    if (!this.secrets.isUsable) return this.own
    const value = await this.row.load()
    if (value === null) return null
    try {
      return (await this.secrets.open({ key: this.key, value })) as StoredToken
    } catch (error) {
      if (error instanceof NotDecryptable) return null
      throw error
    }
  }

  async save(token: StoredToken): Promise<void> {
    if (this.secrets.isUsable) await this.row.save(this.secrets.encrypt(this.key, token))
    else this.own = token
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.row.exclusive(work)
  }
}
