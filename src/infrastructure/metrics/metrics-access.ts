import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { NotFound, Unauthenticated } from '../../domain/errors.js'
import { Config } from '../config/config.js'
import { trustOf, type TrustProxy } from '../http/clients/addresses.js'
import { clientAddress } from '../http/clients/client-address.js'
import { bearerToken } from '../http/requests/bearer-token.js'
import { isSameSecret } from '../same-secret.js'

const LOOPBACK = trustOf({ networks: ['127.0.0.0/8', '::1'] })

/**
 * Metrics show the sales of every event. With `METRICS_TOKEN` they require it; without, they are shown to this machine and to
 * the trusted proxies themselves only. For others they do not exist.
 */
@Injectable()
export class MetricsAccess implements CanActivate {
  private readonly token: string | null
  private readonly trust: TrustProxy

  constructor({ metrics, http }: Config) {
    this.token = metrics.token
    this.trust = trustOf(http.trustedProxies)
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>()
    if (this.token !== null) {
      const given = bearerToken(request)
      if (given === null || !isSameSecret(given, this.token))
        throw new Unauthenticated('Send the metrics token as a bearer token.')
      return true
    }
    if (!this.isNear(request)) throw new NotFound('There is nothing at this address.')
    return true
  }

  private isNear(request: FastifyRequest): boolean {
    const address = clientAddress(request)
    // Forwarded by a peer that is not trusted: a proxy on this machine forwards for everybody.
    const forwarded = request.headers['x-forwarded-for'] ?? request.headers.forwarded
    if (forwarded !== undefined && !this.trust(request.socket.remoteAddress ?? '', 0)) return false
    return LOOPBACK(address, 0) || this.isProxy(address)
  }

  /** With a number of hops no address of a proxy is known. */
  private isProxy(address: string): boolean {
    return this.trust(address, Number.MAX_SAFE_INTEGER)
  }
}
