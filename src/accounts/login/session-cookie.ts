import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Config } from '../../infrastructure/config/config.js'

const NAME = 'trafficpolice_session'
/** Browsers accept this name from this host only, over HTTPS: neither a sibling domain nor a plain connection can set it. */
const HTTPS_NAME = `__Host-${NAME}`
const ATTRIBUTES = { path: '/', httpOnly: true, sameSite: 'strict' } as const

/** Session cookie for browser requests that cannot send an Authorization header: event streams and the queue page. */
@Injectable()
export class SessionCookie {
  constructor(private readonly config: Config) {}

  set(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
    const secure = this.isHttps(request)
    void reply.setCookie(secure ? HTTPS_NAME : NAME, token, { ...ATTRIBUTES, expires, secure })
  }

  clear(request: FastifyRequest, reply: FastifyReply): void {
    void reply.clearCookie(NAME, ATTRIBUTES)
    if (this.isHttps(request)) void reply.clearCookie(HTTPS_NAME, { ...ATTRIBUTES, secure: true })
  }

  /** Over HTTPS the other name is ignored: anyone could have set it. */
  read(request: FastifyRequest): string | null {
    return request.cookies[this.isHttps(request) ? HTTPS_NAME : NAME] || null
  }

  /** Of the browser's connection: a proxy that does not report it is recognized by PUBLIC_URL. */
  private isHttps({ protocol }: FastifyRequest): boolean {
    return protocol === 'https' || this.config.http.publicUrl.startsWith('https:')
  }
}
