import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { findProblem, toProblem, type Finding } from './problem.js'
import { publicPath } from './request-path.js'

/** The one place where errors become answers: `application/problem+json`, internals hidden and logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http')

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const found = findProblem(thrown)
    this.log(thrown, found)
    sendProblem(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), found)
  }

  private log(thrown: unknown, { code, status }: Finding): void {
    if (status === 500)
      this.logger.error({ err: thrown instanceof Error ? thrown : new Error(String(thrown)) }, 'Unforeseen error')
    else if (code === 'UNAVAILABLE')
      this.logger.warn(`Answered ${code}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}

/** Answers a request with a problem, unless an answer is already on its way. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, found: Finding): void {
  if (reply.sent || reply.raw.headersSent) return
  if (found.retryAfterSeconds !== undefined)
    void reply.header('retry-after', Math.max(1, Math.ceil(found.retryAfterSeconds)))
  if (found.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer')
  void reply
    .code(found.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(toProblem(found, publicPath(request.url))))
}
