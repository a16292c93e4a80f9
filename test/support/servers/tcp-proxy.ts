import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TcpProxy {
  port: number
  /** Closes all connections; new ones are forwarded to this port. */
  switchTo(port: number): void
  /** Keeps all connections open and drops all data, as a firewall that drops packets does. */
  silence(): void
  close(): Promise<void>
}

/** A loopback address that forwards to one server at a time, like the name of a failover group. */
export async function startTcpProxy(firstPort: number): Promise<TcpProxy> {
  let target = firstPort
  let silent = false
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.on('data', (bytes) => {
        if (!silent) other.write(bytes)
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const closeConnections = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      silent = true
    },
    switchTo(port) {
      target = port
      silent = false
      closeConnections()
    },
    async close() {
      closeConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
