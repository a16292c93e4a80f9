import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js'
import type { FastifyRequest } from 'fastify'
import type { Observable } from 'rxjs'
import { ValidationFailed } from '../../../domain/errors.js'

/** Rejects body fields on routes that read no body: a client that sends them expects an effect. */
@Injectable()
export class UnexpectedBodyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>()
    const fields = fieldsOf(body)
    if (fields.length > 0 && !readsBody(context)) {
      const errors = fields.map((field) => ({ field, message: `${field} is not a known field` }))
      throw new ValidationFailed(`This route takes no body: ${fields.join(', ')}`.slice(0, 1000), { errors })
    }
    return next.handle()
  }
}

/** Raw bytes, as passed to webhooks, have no fields. */
function fieldsOf(body: unknown): string[] {
  return typeof body === 'object' && body !== null && !Buffer.isBuffer(body) ? Object.keys(body) : []
}

function readsBody(context: ExecutionContext): boolean {
  const args: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name)
  return Object.keys(args ?? {}).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`))
}
