import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { createTransport } from 'nodemailer'
import { Config } from '../config/config.js'
import type { MailFile } from './mail-files.js'
import type { Mail as MailOfAKind } from './mail-outbox.js'

/** `kind` is shown in the log. */
type Mail = Omit<MailOfAKind, 'kind'> & { kind: string }

const CONNECT_TIMEOUT_MS = 10_000
const RESPONSE_TIMEOUT_MS = 20_000
const MAX_CONNECTIONS = 4

/** Sends mails through the SMTP server, or writes them to the log if none is configured. */
@Injectable()
export class MailSender implements OnApplicationShutdown {
  private readonly logger = new Logger('Mail')
  private readonly transport

  constructor(private readonly config: Config) {
    const { smtpUrl } = config.mail
    this.transport = smtpUrl === null ? null : createTransport(poolOf(smtpUrl))
  }

  /**
   * Rejects when the server does not accept the mail. A retry has the same Message-ID, so that clients can deduplicate.
   * `files`: called only if there is a server.
   */
  async send(id: string, mail: Mail, files: () => Promise<MailFile[]> = () => Promise.resolve([])): Promise<void> {
    const { kind, recipient, subject, text } = mail
    if (!this.transport) return this.log(mail)
    const { from, smtpUrl } = this.config.mail
    const messageId = `<${id}@${new URL(smtpUrl ?? '').hostname}>`
    const attachments = (await files()).map(({ name, type, content }) => {
      return { filename: name, contentType: type, content }
    })
    const to = { name: '', address: recipient }
    await this.transport.sendMail({ from: from ?? '', to, subject, text, messageId, attachments })
    this.logger.debug({ mailId: id, kind }, 'mail sent')
  }

  onApplicationShutdown(): void {
    this.transport?.close()
  }

  /** Unredacted: without a server the log is the only way to read the mail. */
  private log({ kind, recipient, subject, text }: Mail): void {
    this.logger.log(`${kind} for ${recipient}, not sent as SMTP_URL is not set: ${subject}\n${text}`)
  }
}

function poolOf(url: string) {
  const limits = {
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: RESPONSE_TIMEOUT_MS,
  }
  // Mail content is never loaded from files or URLs.
  return {
    url,
    pool: true as const,
    maxConnections: MAX_CONNECTIONS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...limits,
  }
}
