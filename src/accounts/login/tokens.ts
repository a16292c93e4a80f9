import { createHash, createHmac } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { SignJWT } from 'jose'
import { Clock } from '../../infrastructure/time/clock.js'
import { Config } from '../../infrastructure/config/config.js'
import { isSameSecret } from '../../infrastructure/same-secret.js'
import { remembered } from '../../infrastructure/remembered.js'
import { parseJson } from '../../infrastructure/text/parse-json.js'

const ISSUER = 'trafficpolice'
const ALGORITHM = 'HS256'
const MAX_REMEMBERED = 2_000

/**
 * Access tokens (JWT) contain a session id; the session and its role are read on every request. Tokens of staff are marked, which
 * gives no access, only the capacity that is reserved for staff.
 */
@Injectable()
export class Tokens {
  private readonly key: Uint8Array
  /** A request is verified twice, and its session makes more. Forged tokens only push valid ones out. */
  private readonly signed = remembered(MAX_REMEMBERED, (token) => this.claimsOf(token))

  constructor(
    config: Config,
    private readonly clock: Clock,
  ) {
    if (!config.authSecret) throw new Error('AUTH_SECRET is not loaded yet')
    this.key = createHash('sha256').update(`access token ${config.authSecret}`).digest()
  }

  async sign(sessionId: string, expiresAt: Date, staff: boolean): Promise<string> {
    return new SignJWT({ sid: sessionId, ...(staff ? { staff } : {}) })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setIssuedAt(Math.floor(this.clock.now().getTime() / 1000))
      .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
      .sign(this.key)
  }

  /** The session id in a token; null when the token is forged, altered, expired or malformed. */
  readSessionId(token: string): string | null {
    const sessionId = this.verify(token)?.['sid']
    return typeof sessionId === 'string' ? sessionId : null
  }

  /** Whether this is a valid token that was issued to staff. It decides how a request is scheduled. */
  isOfStaff(token: string): boolean {
    return this.verify(token)?.['staff'] === true
  }

  /** The claims of a valid token; else null. */
  private verify(token: string): Record<string, unknown> | null {
    const claims = this.signed(token)
    return claims && Number(claims['exp']) > Math.floor(this.clock.now().getTime() / 1000) ? claims : null
  }

  /** Of a token that was signed here; else null. Synchronous, unlike the library: every request is verified. */
  private claimsOf(token: string): Record<string, unknown> | null {
    const [header = '', payload = '', signature = '', ...more] = token.split('.')
    const expected = createHmac('sha256', this.key).update(`${header}.${payload}`).digest('base64url')
    if (more.length > 0 || !isSameSecret(signature, expected) || decode(header)?.['alg'] !== ALGORITHM) return null
    const claims = decode(payload)
    return claims?.['iss'] === ISSUER && typeof claims['exp'] === 'number' ? claims : null
  }
}

function decode(part: string): Record<string, unknown> | null {
  const value = parseJson(Buffer.from(part, 'base64url'))
  return typeof value === 'object' && value !== null ? { ...value } : null
}
