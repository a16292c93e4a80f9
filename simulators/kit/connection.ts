import type { IncomingMessage } from 'node:http'

/** What faults need of the connection of a request; a socket has it. */
export interface Connection {
  readonly destroyed: boolean
  once(event: 'close', listener: () => void): unknown
  destroy(): unknown
  resetAndDestroy(): unknown
}

const attached = new WeakMap<IncomingMessage, Connection>()

/** For a request that did not come over a socket. */
export function attachConnection(request: IncomingMessage, connection: Connection): void {
  attached.set(request, connection)
}

export function connectionOf(request: IncomingMessage): Connection {
  return attached.get(request) ?? request.socket
}
