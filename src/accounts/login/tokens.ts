import { createHash } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { SignJWT, jwtVerify } from 'jose'
import { Clock } from '../../infrastructure/time/clock.js'
import { Config } from '../../infrastructure/config/config.js'

const ISSUER = 'trafficpolice'

/** Access tokens (JWT) contain only a session id; the session and its role are read on every request. */
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

  async sign(sessionId: string, expiresAt: Date): Promise<string> {
    return new SignJWT({ sid: sessionId })
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
}
