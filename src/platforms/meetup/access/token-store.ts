/** The result of a token request. Times are ms since the epoch. */
export interface StoredToken {
  accessToken: string
  /** Single use: after use only the newly issued one is valid. */
  refreshToken: string | null
  /** When to renew it while it is still valid: at 80 % of its lifetime. */
  renewAt: number
  expiresAt: number
}

/** Stores one account's token, shared by all processes. */
export interface TokenStore {
  load(): Promise<StoredToken | null>
  save(token: StoredToken): Promise<void>
  /** Runs `work` under a lock: no other caller, in any process, renews this account's token concurrently. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
}

/** The stored value of one account's token; encrypted by `EncryptedTokenStore`. */
export interface TokenRow {
  /** Null: there is none. */
  load(): Promise<unknown>
  save(value: object): Promise<void>
  exclusive: TokenStore['exclusive']
  erase(): Promise<void>
}

/** Tokens that all processes share. Refresh tokens are single-use: the new one is stored before the access token is used. */
export abstract class TokenStores {
  /** The row of one account. `key`: under which its token is kept. */
  abstract of(key: string): TokenRow
}

/** For a single process. */
export class InMemoryTokenStore implements TokenStore {
  private token: StoredToken | null = null
  private last: Promise<unknown> = Promise.resolve()

  load(): Promise<StoredToken | null> {
    return Promise.resolve(this.token)
  }

  save(token: StoredToken): Promise<void> {
    this.token = token
    return Promise.resolve()
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.last.then(work)
    this.last = run.catch(() => undefined)
    return run
  }
}
