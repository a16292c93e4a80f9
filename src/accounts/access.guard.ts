import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { FastifyRequest } from 'fastify'
import { Forbidden, Unauthenticated } from '../domain/errors.js'
import { ACCESS, type Access } from '../infrastructure/http/access.js'
import { bearerToken } from '../infrastructure/http/requests/bearer-token.js'
import { isRead } from '../infrastructure/http/requests/is-read.js'
import { CustomerRateLimit } from './customer-rate-limit.js'
import { mayCall } from './authenticated-user.js'
import { SessionCookie } from './login/session-cookie.js'
import { SessionsService } from './login/sessions.service.js'

const ADMIN_ONLY: Access = ['ADMIN']

/** Enforces `Roles` and `Public` of the route: 401 without a valid token, 403 with an insufficient role, 429 for a customer with too many changes. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionsService,
    private readonly cookie: SessionCookie,
    private readonly customerRateLimit: CustomerRateLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()]
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, targets) ?? ADMIN_ONLY
    if (access === 'PUBLIC') return true
    const request = context.switchToHttp().getRequest<FastifyRequest>()
    const token = readToken(request, this.cookie)
    if (token === null) throw new Unauthenticated('Sign in and send the access token as a bearer token.')
    const user = await this.sessions.authenticate(token)
    if (!user) throw new Unauthenticated('The access token is no longer valid. Sign in again.')
    request.user = user
    if (!access.some((role) => mayCall(user.role, role, isRead(request)))) {
      throw new Forbidden(`Your role ${user.role} does not allow this.`)
    }
    this.customerRateLimit.consume(request, user)
    return true
  }
}

/** The session cookie authenticates reads only; writes need the bearer token, which other sites cannot send (CSRF). */
export function readToken(request: FastifyRequest, cookie: SessionCookie): string | null {
  if (request.headers.authorization !== undefined) return bearerToken(request)
  return isRead(request) ? cookie.read(request) : null
}
