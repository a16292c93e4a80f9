import type { FastifyReply, FastifyRequest } from 'fastify'

const NAME = 'trafficpolice_session'
const ATTRIBUTES = { path: '/', httpOnly: true, sameSite: 'strict' } as const

/** Session cookie for browser requests that cannot send an Authorization header: event streams and the queue page. */
export function setSessionCookie(reply: FastifyReply, token: string, expires: Date, https: boolean): void {
  void reply.setCookie(NAME, token, { ...ATTRIBUTES, expires, secure: https })
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.clearCookie(NAME, ATTRIBUTES)
}

export function readSessionCookie({ cookies }: FastifyRequest): string | null {
  return cookies[NAME] || null
}
