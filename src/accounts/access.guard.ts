import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { FastifyRequest } from 'fastify'
import { Forbidden, Unauthenticated } from '../domain/errors.js'
import { ACCESS, type Access } from '../infrastructure/http/access.js'
import { includesRole } from './authenticated-user.js'
import { readSessionCookie } from './session-cookie.js'
import { SessionsService } from './sessions.service.js'

const FOR_ADMIN_ALONE: Access = ['ADMIN']

/** Lets through whom `Roles` and `Public` of the route allow; 401 without a good token, 403 with too low a role. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()]
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, targets) ?? FOR_ADMIN_ALONE
    if (access === 'PUBLIC') return true
    const request = context.switchToHttp().getRequest<FastifyRequest>()
    const token = readToken(request)
    if (token === null) throw new Unauthenticated('Sign in and send the access token as a bearer token.')
    const account = await this.sessions.authenticate(token)
    if (!account) throw new Unauthenticated('The access token is not valid any more. Sign in again.')
    request.account = account
    if (!access.some((role) => includesRole(account.role, role))) {
      throw new Forbidden(`Your role ${account.role} does not allow this.`)
    }
    return true
  }
}

/** The cookie is good for reading only: what changes something needs the token, which other sites cannot send. */
function readToken(request: FastifyRequest): string | null {
  const { authorization } = request.headers
  if (authorization !== undefined) return /^bearer +([\w.~+/-]+=*)$/i.exec(authorization.trim())?.[1] ?? null
  return request.method === 'GET' || request.method === 'HEAD' ? readSessionCookie(request.headers.cookie) : null
}
