import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TcpProxy {
  port: number
  /** Cuts all lines; whoever calls again is put through to this port. */
  switchTo(port: number): void
  /** Keeps all lines open and lets nothing through any more, as a firewall does that drops packets. */
  silence(): void
  close(): Promise<void>
}

/** One address on loopback before servers that take turns, as the name of a failover group is. */
export async function startTcpProxy(firstPort: number): Promise<TcpProxy> {
  let target = firstPort
  let silent = false
  const lines = new Set<Socket>()
  const server = createServer((caller) => {
    const callee = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      lines.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        lines.delete(one)
        other.destroy()
      })
      one.on('data', (bytes) => {
        if (!silent) other.write(bytes)
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const line of lines) line.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      silent = true
    },
    switchTo(port) {
      target = port
      silent = false
      cut()
    },
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
