import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { PlatformHttp } from '../../http/platform-http.js'
import type { CallContext, Outcome } from '../../port.js'
import { type JwtCredentials, DEFAULT_TOKEN_URL } from '../config.js'
import { requestToken } from './token-request.js'
import type { StoredToken, TokenStore } from './token-store.js'

/** Provides the bearer token of a call. */
export interface TokenSource {
  current(context: CallContext): Promise<Outcome<string>>
  /** Replaces a token refused with a 401; null: this source has no other. */
  renew(refused: string, context: CallContext): Promise<Outcome<string> | null>
}

export class FixedToken implements TokenSource {
  constructor(private readonly token: string) {}

  current(): Promise<Outcome<string>> {
    return Promise.resolve({ kind: 'OK', value: this.token })
  }

  renew(): Promise<null> {
    return Promise.resolve(null)
  }
}

const RENEW_BACKOFF_MS = 30_000

export interface GrantedTokenPorts {
  http: PlatformHttp
  store: TokenStore
  now: () => Date
}

/** Tokens by the JWT grant, else by the stored refresh token; renewed at 80 % of their lifetime, by one caller at a time. */
export class GrantedToken implements TokenSource {
  private readonly key: KeyObject
  /** When an early renew that failed may be retried, ms since the epoch. */
  private retryRenewAfter = 0

  /** @throws Error when the private key cannot be read */
  constructor(
    private readonly credentials: JwtCredentials,
    private readonly ports: GrantedTokenPorts,
  ) {
    this.key = readPrivateKey(credentials.privateKey)
  }

  async current(context: CallContext): Promise<Outcome<string>> {
    const stored = await this.ports.store.load()
    const now = this.ports.now().getTime()
    const isValid = stored !== null && now < stored.expiresAt
    if (isValid && now < Math.max(stored.renewAt, this.retryRenewAfter))
      return { kind: 'OK', value: stored.accessToken }
    const renewed = await this.replace(stored?.accessToken ?? null, context)
    if (renewed.kind === 'OK' || !isValid) return renewed
    this.retryRenewAfter = now + RENEW_BACKOFF_MS
    return { kind: 'OK', value: stored.accessToken }
  }

  renew(refused: string, context: CallContext): Promise<Outcome<string>> {
    return this.replace(refused, context)
  }

  /** Returns a token other than `previous`; one that a concurrent caller obtained is reused. */
  private replace(previous: string | null, context: CallContext): Promise<Outcome<string>> {
    const { store, now } = this.ports
    return store.exclusive(async () => {
      const stored = await store.load()
      if (stored && stored.accessToken !== previous && now().getTime() < stored.renewAt) {
        return { kind: 'OK', value: stored.accessToken }
      }
      const granted = await this.grant(stored, context)
      if (granted.kind !== 'OK') return granted
      // Stored before its first use: the refresh token it was obtained with is used up.
      await store.save(granted.value)
      return { kind: 'OK', value: granted.value.accessToken }
    })
  }

  private async grant(stored: StoredToken | null, context: CallContext): Promise<Outcome<StoredToken>> {
    const { http, now } = this.ports
    const { clientKey, memberId, signingKeyId, tokenUrl = DEFAULT_TOKEN_URL } = this.credentials
    const request = { http, url: tokenUrl, now, lane: context.lane }
    const byJwt = await requestToken({ ...request, grant: { clientKey, memberId, signingKeyId, key: this.key } })
    if (byJwt.kind !== 'AUTH_FAILED' || !stored?.refreshToken) return byJwt
    return requestToken({ ...request, grant: { clientKey, refreshToken: stored.refreshToken } })
  }
}

function readPrivateKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem.replaceAll('\\n', '\n'))
  } catch {
    throw new Error('The Meetup private key is not a readable PEM, e.g. "-----BEGIN PRIVATE KEY-----…"')
  }
  if (key.asymmetricKeyType !== 'rsa') throw new Error('The Meetup private key must be an RSA key')
  return key
}
