import { decodeProtectedHeader, errors as joseErrors, jwtVerify } from 'jose'
import { Rejection, type ApiResponse, type Clock, type Random } from '../../kit/index.js'
import {
  fixedTokens,
  oauthClients,
  type Caller,
  type ClientOption,
  type CredentialOptions,
  type OAuthClient,
} from './credentials.js'
import type { Toggles } from '../toggles.js'

export interface OAuthPorts {
  /** The platform's own clock. */
  clock: Clock
  random: Random
  toggles: Toggles
}

interface GrantedToken extends Caller {
  expiresAt: number
}

const AUDIENCE = 'api.meetup.com'
const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const MAX_TOKENS = 10_000

/** Issues access tokens and authenticates callers by them. */
export class OAuth {
  /** False: the Pro subscription has lapsed, and no credential is valid. */
  proActive = true
  private readonly fixed: Map<string, Caller>
  private readonly clients: Map<string, OAuthClient>
  private readonly granted = new Map<string, GrantedToken>()
  private readonly refresh = new Map<string, Caller>()

  constructor(
    credentials: CredentialOptions,
    private readonly ports: OAuthPorts,
  ) {
    this.clients = oauthClients(credentials)
    this.fixed = fixedTokens(credentials, this.clients.size > 0)
  }

  /** Null: an unknown or expired token. */
  callerOf(authorization: string | undefined): Caller | null {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined || !this.proActive) return null
    const granted = this.granted.get(token)
    if (granted && this.ports.random.chance(this.ports.toggles.current.tokenExpiry)) granted.expiresAt = 0
    if (granted && this.ports.clock.now() >= granted.expiresAt) return null
    return granted ?? this.fixed.get(token) ?? null
  }

  /** Registers a client or replaces it, e.g. with other keys. */
  register(client: ClientOption): void {
    for (const [key, registered] of oauthClients({ clients: [client] })) this.clients.set(key, registered)
  }

  /** Invalidates every granted token. */
  expireAll(): void {
    this.granted.clear()
  }

  /** The token endpoint. @throws Rejection with an OAuth error */
  async grant(form: Record<string, unknown>): Promise<ApiResponse> {
    if (!this.proActive) throw oauthError('unauthorized_client', 'an active Pro subscription is needed')
    switch (form['grant_type']) {
      case JWT_GRANT:
        return this.issue(await this.byAssertion(form['assertion']), undefined)
      case 'refresh_token':
        return this.byRefreshToken(form)
      default:
        throw oauthError('invalid_request', 'grant_type')
    }
  }

  private async byAssertion(assertion: unknown): Promise<Caller> {
    if (typeof assertion !== 'string') throw oauthError('invalid_request', 'assertion')
    try {
      const { kid, typ } = decodeProtectedHeader(assertion)
      const client = [...this.clients.values()].find(({ keys }) => keys.has(kid ?? ''))
      const key = client?.keys.get(kid ?? '')
      if (!client || !key || typ !== 'JWT') throw oauthError('invalid_client', 'unknown signing key')
      const { payload } = await jwtVerify(assertion, key, {
        algorithms: ['RS256'],
        audience: AUDIENCE,
        issuer: client.clientKey,
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(this.ports.clock.now()),
      })
      // A client's key can act for the client's owner only.
      if (payload.sub !== client.memberId) throw oauthError('invalid_grant', 'sub')
      return { clientKey: client.clientKey, memberId: client.memberId }
    } catch (error) {
      if (error instanceof joseErrors.JOSEError || error instanceof TypeError) {
        throw oauthError('invalid_grant', error.message)
      }
      throw error
    }
  }

  private byRefreshToken(form: Record<string, unknown>): ApiResponse {
    const { client_id: clientKey, client_secret: secret, refresh_token: token } = form
    const client = this.clients.get(String(clientKey))
    if (!client || (client.secret !== null && client.secret !== secret)) throw oauthError('invalid_client', 'client_id')
    const caller = typeof token === 'string' ? this.refresh.get(token) : undefined
    if (typeof token !== 'string' || caller?.clientKey !== client.clientKey) {
      throw oauthError('invalid_grant', 'refresh_token')
    }
    const { singleUseRefresh, rotateRefreshToken } = this.ports.toggles.current
    if (rotateRefreshToken === 'no') return this.issue(caller, token)
    if (singleUseRefresh === 'yes') this.refresh.delete(token)
    return this.issue(caller, undefined)
  }

  private issue(caller: Caller, reusedRefreshToken: string | undefined): ApiResponse {
    const { tokenLifetime } = this.ports.toggles.current
    const accessToken = this.newToken('at')
    const refreshToken = reusedRefreshToken ?? this.newToken('rt')
    if (this.granted.size >= MAX_TOKENS) this.granted.clear()
    if (this.refresh.size >= MAX_TOKENS) this.refresh.clear()
    this.granted.set(accessToken, { ...caller, expiresAt: this.ports.clock.now() + tokenLifetime * 1_000 })
    this.refresh.set(refreshToken, caller)
    const body = {
      access_token: accessToken,
      refresh_token: refreshToken,
      token_type: 'bearer',
      expires_in: tokenLifetime,
    }
    return { status: 200, body }
  }

  private newToken(kind: string): string {
    const part = () => this.ports.random.integer(0, 0xffff_ffff).toString(16).padStart(8, '0')
    return `${kind}_${part()}${part()}${part()}`
  }
}

function oauthError(error: string, description: string): Rejection {
  const status = error === 'invalid_client' ? 401 : 400
  return new Rejection({ status, body: { error, error_description: description } })
}
