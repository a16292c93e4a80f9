import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Switchboard {
  port: number
  /** Cuts all lines; whoever calls again is put through to this port. */
  switchTo(port: number): void
  close(): Promise<void>
}

/** One address on loopback before servers that take turns, as the name of a failover group is. */
export async function startSwitchboard(firstPort: number): Promise<Switchboard> {
  let target = firstPort
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
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const line of lines) line.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    switchTo(port) {
      target = port
      cut()
    },
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
