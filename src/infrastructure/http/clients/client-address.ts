import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { clientOf, normalizeAddress } from './addresses.js'

/**
 * The IP address of the client: the last one that a trusted proxy reports (`TRUSTED_PROXIES`), else the peer of the
 * connection. Text that is no address is skipped: a header may contain anything.
 */
export function clientAddress(request: FastifyRequest): string {
  const chain = request.ips ?? [request.ip]
  for (const text of chain.toReversed()) {
    const address = typeof text === 'string' ? normalizeAddress(text) : null
    if (address !== null) return address
  }
  return 'unknown'
}

/** The client whose requests are counted together: its IPv4 address or IPv6 /64. */
export function clientOfRequest(request: FastifyRequest): string {
  return clientOf(clientAddress(request))
}

/** The IP address of the client of the request, as text. */
export const ClientAddress = createParamDecorator((_data: unknown, context: ExecutionContext): string =>
  clientAddress(context.switchToHttp().getRequest<FastifyRequest>()),
)
