import type { FastifyRequest } from 'fastify'

export function acceptsGzip({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return /\bgzip\b/.test(headers['accept-encoding'] ?? '')
}
