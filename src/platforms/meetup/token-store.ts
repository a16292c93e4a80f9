/** What a token request brought. Times are ms since the epoch. */
export interface StoredToken {
  accessToken: string
  /** Single use: once spent, only the one that came back is worth anything. */
  refreshToken: string | null
  /** From then on it is renewed, while it still works: 80 % of its life. */
  renewAt: number
  expiresAt: number
}

/** Keeps one account's token where all processes see it. */
export interface TokenStore {
  load(): Promise<StoredToken | null>
  save(token: StoredToken): Promise<void>
  /** Runs `work` while nobody else, in any process, renews this account's token. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
}

/** For one process. */
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
