import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

export interface ReceivedMail {
  to: string
  /** Header and body as they came. */
  raw: string
}

/** A mail server that keeps what it is given, and refuses the next so many mails for now. */
export class SmtpServer {
  readonly mails: ReceivedMail[] = []
  refusals = 0
  url = ''
  private readonly sockets = new Set<Socket>()
  private readonly server = createServer((socket) => {
    this.sockets.add(socket)
    void this.talk(socket).catch(() => socket.destroy())
  })

  static async start(): Promise<SmtpServer> {
    const smtp = new SmtpServer()
    smtp.server.listen(0, '127.0.0.1')
    await once(smtp.server, 'listening')
    smtp.url = `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`
    return smtp
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }

  private async talk(socket: Socket): Promise<void> {
    const say = (line: string) => socket.write(`${line}\r\n`)
    let to = ''
    let data: string[] | null = null
    say('220 test')
    for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
      if (data) {
        if (line !== '.') data.push(line.replace(/^\.\./, '.'))
        else {
          this.mails.push({ to, raw: data.join('\n') })
          data = null
          say('250 kept')
        }
        continue
      }
      if (/^EHLO/i.test(line)) say('250 test')
      else if (/^RCPT TO:/i.test(line)) {
        to = /<(.*)>/.exec(line)?.[1] ?? ''
        if (this.refusals > 0) {
          this.refusals -= 1
          say('451 try later')
        } else say('250 yes')
      } else if (/^DATA/i.test(line)) {
        data = []
        say('354 go on')
      } else if (/^QUIT/i.test(line)) {
        say('221 bye')
        socket.end()
      } else say('250 yes')
    }
  }
}
