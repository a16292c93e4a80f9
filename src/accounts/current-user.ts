import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { Unauthenticated } from '../domain/errors.js'
import type { AuthenticatedUser } from './authenticated-user.js'

/** The `AuthenticatedUser` of the request. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext): AuthenticatedUser => {
  const { user } = context.switchToHttp().getRequest<FastifyRequest>()
  if (!user) throw new Unauthenticated('Sign in first.')
  return user
})
