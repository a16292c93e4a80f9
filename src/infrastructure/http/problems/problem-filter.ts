import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { findProblem, toProblem, type ProblemContent } from './problem.js'
import { publicPath } from '../requests/request-path.js'

/** Converts every error to an `application/problem+json` response; internal details are logged and not sent. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http')

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const content = findProblem(thrown)
    this.log(thrown, content)
    sendProblem(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), content)
  }

  private log(thrown: unknown, { code, status }: ProblemContent): void {
    if (status === 500)
      this.logger.error({ err: thrown instanceof Error ? thrown : new Error(String(thrown)) }, 'Unhandled error')
    else if (code === 'UNAVAILABLE')
      this.logger.warn(`Responded with ${code}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}

/** Responds with a problem, unless a response has already started. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, content: ProblemContent): void {
  if (reply.sent || reply.raw.headersSent) return
  if (content.retryAfterSeconds !== undefined)
    void reply.header('retry-after', Math.max(1, Math.ceil(content.retryAfterSeconds)))
  if (content.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer')
  void reply
    .code(content.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(toProblem(content, publicPath(request.url))))
}
