import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface StalledRequest {
  /** Path with its prefix. */
  path: string
  /** Address of the client, any of 127.0.0.0/8. */
  from?: string
  /** Headers as lines, e.g. `x-forwarded-for: 203.0.113.1`. */
  headers?: readonly string[]
  /** Announced length of the body; null: the headers stop before their end. */
  contentLength?: number | null
  /** What is sent of the body. */
  part?: Buffer
}

/** Sends the start of a request and nothing more. Resolves once it is sent, also when the server closes the connection. */
export async function stall(url: string, request: StalledRequest): Promise<Socket> {
  const { path, from, headers = [], contentLength = 10, part } = request
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ...(from ? { localAddress: from } : {}) })
  // The server may refuse the connection or end it at any time.
  socket.on('error', () => undefined)
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  const lines = [`POST ${path} HTTP/1.1`, 'host: x', 'content-type: application/json', ...headers]
  const text = contentLength === null ? lines : [...lines, `content-length: ${contentLength}`, '', '']
  if (!socket.destroyed) socket.write(text.join('\r\n'))
  if (part && !socket.destroyed) socket.write(part)
  return socket
}

/** `count` stalled requests, from as many addresses as `from` has. */
export async function stallMany(
  url: string,
  count: number,
  requestOf: (index: number) => StalledRequest,
): Promise<Socket[]> {
  const sockets: Socket[] = []
  // A listening socket's backlog is limited: connect in portions.
  for (let start = 0; start < count; start += 200) {
    const portion = Array.from({ length: Math.min(200, count - start) }, (_, offset) =>
      stall(url, requestOf(start + offset)),
    )
    sockets.push(...(await Promise.all(portion)))
  }
  return sockets
}
