import type { FastifyRequest } from 'fastify'

/** The token of a `Bearer` authorization; null: there is none, or it is malformed. */
export function bearerToken({ headers }: Pick<FastifyRequest, 'headers'>): string | null {
  return /^bearer +(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1] ?? null
}
