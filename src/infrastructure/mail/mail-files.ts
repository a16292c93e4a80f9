import { Injectable } from '@nestjs/common'
import type { MailKind } from './mail-outbox.js'

/** A file that goes with a mail. */
export interface MailFile {
  name: string
  /** MIME. */
  type: string
  content: Buffer
}

/** `about`: as in `MailToSend`. */
type FileSource = (about: string) => Promise<MailFile[]>

/** Files of mails. They are made when a mail is sent, and stored nowhere. */
@Injectable()
export class MailFiles {
  private readonly sources = new Map<MailKind, FileSource>()

  /** Mails of this kind get these files; other kinds have none. */
  provide(kind: MailKind, source: FileSource): void {
    this.sources.set(kind, source)
  }

  /** `about` null: not recorded, so that there are none. */
  async of(kind: MailKind, about: string | null): Promise<MailFile[]> {
    return about === null ? [] : ((await this.sources.get(kind)?.(about)) ?? [])
  }
}
