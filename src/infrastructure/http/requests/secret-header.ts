import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { ValidationFailed } from '../../../domain/errors.js'

const MAX_LENGTH = 200

/**
 * A parameter that authorizes the request by itself. In a header, because addresses of requests are in logs of proxies and
 * in histories of browsers. Missing or longer than 200 characters: ValidationFailed on the header.
 */
export const SecretHeader = createParamDecorator((name: string, context: ExecutionContext): string => {
  const value = context.switchToHttp().getRequest<FastifyRequest>().headers[name.toLowerCase()]
  if (typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH) return value
  throw ValidationFailed.of(name, `must be text of 1 to ${MAX_LENGTH} characters`)
})

export function ApiSecretHeader(name: string, description: string): MethodDecorator {
  return ApiHeader({ name, required: true, description })
}
