import { connect, type Socket } from 'node:net'

export interface HttpResponse {
  status: number
  body: string
}

const HEAD_END = '\r\n\r\n'

/**
 * One HTTP/1.1 connection that is kept alive and has one request at a time: the least that a client does, so that it takes
 * little of the processors that it shares with the servers. Responses must have a content-length.
 */
export class KeepAliveConnection {
  private readonly socket: Socket
  private received: Buffer = Buffer.alloc(0)
  private settle: { resolve: (response: HttpResponse) => void; reject: (error: Error) => void } | null = null

  constructor(url: URL) {
    this.socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    this.socket.on('data', (chunk) => this.receive(chunk))
    this.socket.on('error', (error) => this.fail(error))
    this.socket.on('close', () => this.fail(new Error('the server closed a connection')))
  }

  /** `head`: the request up to its headers, without content-length and the final empty line. */
  send(head: string, body: string): Promise<HttpResponse> {
    return this.exchange(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}${HEAD_END}${body}`)
  }

  /** `head`: as that of `send`. */
  get(head: string): Promise<HttpResponse> {
    return this.exchange(`${head}${HEAD_END}`)
  }

  close(): void {
    this.socket.destroy()
  }

  private exchange(request: string): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
      this.socket.write(request)
    })
  }

  private receive(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk])
    const headLength = this.received.indexOf(HEAD_END)
    if (headLength < 0) return
    const head = this.received.toString('latin1', 0, headLength)
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    if (length === undefined) return this.fail(new Error(`a response without content-length: ${head}`))
    const end = headLength + HEAD_END.length + Number(length)
    if (this.received.length < end) return
    const body = this.received.toString('utf8', headLength + HEAD_END.length, end)
    this.received = this.received.subarray(end)
    const { settle } = this
    this.settle = null
    settle?.resolve({ status: Number(head.slice(9, 12)), body })
  }

  private fail(error: Error): void {
    this.settle?.reject(error)
    this.settle = null
  }
}
