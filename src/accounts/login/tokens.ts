import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { SignJWT, jwtVerify } from 'jose'
import { Clock } from '../../infrastructure/time/clock.js'
import { Config } from '../../infrastructure/config/config.js'
import { parseJson } from '../../infrastructure/text/parse-json.js'

const ISSUER = 'trafficpolice'

/**
 * Access tokens (JWT) contain a session id; the session and its role are read on every request. Tokens of staff are marked, which
 * gives no access, only the capacity that is reserved for staff.
 */
@Injectable()
export class Tokens {
  private readonly key: Uint8Array

  constructor(
    config: Config,
    private readonly clock: Clock,
  ) {
    if (!config.authSecret) throw new Error('AUTH_SECRET is not loaded yet')
    this.key = createHash('sha256').update(`access token ${config.authSecret}`).digest()
  }

  async sign(sessionId: string, expiresAt: Date, staff: boolean): Promise<string> {
    return new SignJWT({ sid: sessionId, ...(staff ? { staff } : {}) })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setIssuedAt(Math.floor(this.clock.now().getTime() / 1000))
      .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
      .sign(this.key)
  }

  /** The session id in a token; null when the token is forged, altered, expired or malformed. */
  async readSessionId(token: string): Promise<string | null> {
    try {
      const options = { algorithms: ['HS256'], issuer: ISSUER, currentDate: this.clock.now() }
      const { payload } = await jwtVerify(token, this.key, options)
      return typeof payload['sid'] === 'string' ? payload['sid'] : null
    } catch {
      return null
    }
  }

  /** Whether this is a valid token that was issued to staff. Synchronous: it decides how a request is scheduled. */
  isOfStaff(token: string): boolean {
    const [header = '', payload = '', signature = ''] = token.split('.', 3)
    const expected = createHmac('sha256', this.key).update(`${header}.${payload}`).digest()
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
    const claims = parseJson(Buffer.from(payload, 'base64url'))
    if (typeof claims !== 'object' || claims === null || !('staff' in claims) || !('exp' in claims)) return false
    return claims.staff === true && Number(claims.exp) * 1000 > this.clock.now().getTime()
  }
}
