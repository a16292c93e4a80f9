import type { KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Lane } from '../../../domain/channel.js'
import type { PlatformHttp } from '../../http/platform-http.js'
import type { Outcome } from '../../port.js'
import { ContractError, isObject } from '../../kit/response-shape.js'
import { decode } from '../../kit/outcomes.js'
import { requireText } from '../client/contract.js'
import { MEETUP_WEIGHTS } from '../client/operations.js'
import { readRateLimit } from '../client/rate-limit.js'
import type { StoredToken } from './token-store.js'

export type Grant =
  | { clientKey: string; memberId: string; signingKeyId: string; key: KeyObject }
  | { clientKey: string; refreshToken: string }

interface TokenRequest {
  http: PlatformHttp
  url: string
  now: () => Date
  lane: Lane
  grant: Grant
}

const AUDIENCE = 'api.meetup.com'
const ASSERTION_SECONDS = 120
const RENEW_AT_SHARE = 0.8
/** The documented lifetime, for responses without one. */
const DEFAULT_LIFETIME_S = 3_600

/** One OAuth token request. AUTH_FAILED names Meetup's OAuth error code. */
export async function requestToken({ http, url, now, lane, grant }: TokenRequest): Promise<Outcome<StoredToken>> {
  const result = await http.call({
    method: 'POST',
    url,
    headers: { accept: 'application/json' },
    form: await formOf(grant, now()),
    kind: 'read',
    weight: MEETUP_WEIGHTS.token,
    lane,
    operation: 'token',
  })
  if (result.kind !== 'RESPONSE') return result
  if (result.status === 429) return http.throttled(readRateLimit(result, null, now()).resumeAt)
  if (result.status >= 400) {
    const code = isObject(result.json) ? result.json['error'] : undefined
    const cause = typeof code === 'string' ? code.slice(0, 60) : `HTTP ${result.status}`
    return { kind: 'AUTH_FAILED', message: `Meetup refused to issue a token: ${cause}. Is Meetup Pro active?` }
  }
  return decode(() => tokenOf(result.json, grant, now().getTime()))
}

async function formOf(grant: Grant, now: Date): Promise<Record<string, string>> {
  if ('refreshToken' in grant) {
    return { grant_type: 'refresh_token', client_id: grant.clientKey, refresh_token: grant.refreshToken }
  }
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: grant.signingKeyId })
    .setIssuer(grant.clientKey)
    .setSubject(grant.memberId)
    .setAudience(AUDIENCE)
    .setExpirationTime(Math.floor(now.getTime() / 1_000) + ASSERTION_SECONDS)
    .sign(grant.key)
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
}

function tokenOf(json: unknown, grant: Grant, now: number): StoredToken {
  const body = isObject(json) ? json : {}
  const accessToken = requireText(body['access_token'], 'access_token')
  const seconds = Number(body['expires_in'] ?? DEFAULT_LIFETIME_S)
  if (!(seconds > 0)) throw new ContractError('expires_in', 'a number of seconds')
  const rotated = typeof body['refresh_token'] === 'string' ? body['refresh_token'] : null
  // A server without rotation sends none: the current one stays valid.
  const current = 'refreshToken' in grant ? grant.refreshToken : null
  return {
    accessToken,
    refreshToken: rotated ?? current,
    renewAt: now + seconds * 1_000 * RENEW_AT_SHARE,
    expiresAt: now + seconds * 1_000,
  }
}
