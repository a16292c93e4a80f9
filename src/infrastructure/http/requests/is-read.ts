import type { FastifyRequest } from 'fastify'

/** Whether the method of a request cannot change anything. */
export function isRead({ method }: Pick<FastifyRequest, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD'
}
