import { Injectable } from '@nestjs/common'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'

/** Sends the response, or rejects with the error that becomes the problem. */
export type DirectHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/**
 * Handlers of public routes with many requests, called without Nest's guards, pipes and interceptors, which cost more
 * than such a request itself. The route stays declared in its controller, and everything before the handler (limits,
 * correlation, metrics, bodies) and the form of errors are those of every route.
 */
@Injectable()
export class DirectRoutes {
  private readonly handlers = new Map<string, DirectHandler>()

  /** `path`: as Fastify has it, e.g. `/webhooks/luma`. Before the application is initialised. */
  post(path: string, handler: DirectHandler): void {
    this.handlers.set(path, handler)
  }

  /** Before the routes of the controllers are registered. */
  replaceHandlersOf(server: FastifyInstance): void {
    server.addHook('onRoute', (route: RouteOptions) => {
      const direct = route.method === 'POST' ? this.handlers.get(route.url) : undefined
      if (direct) route.handler = direct
    })
  }
}
