import type { Prisma } from '../generated/prisma/client.js'
import type { MessageEvent } from './kinds.js'

/** What a message contains, whatever it is sent with. */
export interface MessageContent {
  event: MessageEvent
  title: string
  lines: readonly string[]
  /** The place on the page. */
  url: string
  /** For programs; what a webhook gets in addition. */
  data: Readonly<Record<string, unknown>>
}

export interface Message extends MessageContent {
  /** The same in each attempt, so that receivers can deduplicate. */
  id: string
  at: Date
}

/** As it is in the outbox. */
export function stored(content: MessageContent): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(content)) as Prisma.InputJsonObject
}
