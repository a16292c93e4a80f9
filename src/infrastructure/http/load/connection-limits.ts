import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { clientOf, type TrustProxy } from '../clients/addresses.js'

export interface ConnectionLimit {
  /** Connections of one client; a trusted proxy may open any number. */
  perClient: number
  /** From here on, the connection that has been without a request for longest gives way to a new one. */
  total: number
}

/** Below `maxConnections` of the server, beyond which new connections would be refused, those of health checks included. */
const LIMIT: ConnectionLimit = { perClient: 2_000, total: 8_000 }

/**
 * Bounds the connections of a client, and ends those that wait for a request when there are too many: without their headers
 * requests cannot be classified, so clients that never complete them must not keep others from connecting.
 */
export function limitConnections(server: Server, trust: TrustProxy, limit: ConnectionLimit = LIMIT): void {
  const clients = new Map<string, number>()
  /** In the order in which they started to wait. */
  const waiting = new Set<Socket>()
  let open = 0
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const client = clientOf(address)
    const own = clients.get(client) ?? 0
    if (own >= limit.perClient && !trust(address, 0)) {
      socket.destroy()
      return
    }
    clients.set(client, own + 1)
    open += 1
    waiting.add(socket)
    socket.once('close', () => {
      open -= 1
      waiting.delete(socket)
      const left = (clients.get(client) ?? 1) - 1
      if (left > 0) clients.set(client, left)
      else clients.delete(client)
    })
    if (open > limit.total) endLongestWaiting(waiting, socket)
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    waiting.delete(socket)
    response.once('close', () => {
      if (!socket.destroyed) waiting.add(socket)
    })
  })
}

function endLongestWaiting(waiting: Set<Socket>, newest: Socket): void {
  for (const socket of waiting) {
    if (socket === newest) continue
    waiting.delete(socket)
    socket.destroy()
    return
  }
}
