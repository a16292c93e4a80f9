import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { mergeMap, type Observable } from 'rxjs'
import { acceptsGzip } from './requests/accepts-gzip.js'

/** Less is sent in as few packets as it is. */
const MIN_CHARACTERS = 10_000

const compress = promisify(gzip)

/**
 * For routes whose responses are large and go over slow networks. Not for one that shows a secret next to what a stranger
 * can choose and request: the length of such a response depends on the secret.
 */
@Injectable()
export class CompressedJson implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp()
    const reply = http.getResponse<FastifyReply>()
    void reply.header('vary', 'accept-encoding')
    if (!acceptsGzip(http.getRequest<FastifyRequest>())) return next.handle()
    return next.handle().pipe(mergeMap((body: unknown) => compressed(body, reply)))
  }
}

async function compressed(body: unknown, reply: FastifyReply): Promise<unknown> {
  const text = JSON.stringify(body)
  if (text.length < MIN_CHARACTERS) return body
  void reply.header('content-type', 'application/json; charset=utf-8').header('content-encoding', 'gzip')
  return compress(text)
}
