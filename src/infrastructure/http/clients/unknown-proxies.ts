import { Logger } from '@nestjs/common'
import type { FastifyInstance } from 'fastify'
import type { TrustProxy } from './addresses.js'

/**
 * Logs once that a peer forwards for others without being trusted: behind a proxy that is not configured all clients share
 * its address, and the limits per client.
 */
export function warnOfUnknownProxies(server: FastifyInstance, trust: TrustProxy): void {
  const logger = new Logger('Http')
  let warned = false
  server.addHook('onRequest', (request, _reply, done) => {
    const peer = request.socket.remoteAddress ?? ''
    if (!warned && request.headers['x-forwarded-for'] !== undefined && !trust(peer, 0)) {
      warned = true
      logger.warn(`X-Forwarded-For of ${peer} is ignored. If it is your proxy, name it in TRUSTED_PROXIES.`)
    }
    done()
  })
}
