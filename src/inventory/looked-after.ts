import { CLOSING_MS } from '../domain/event-state.js'
import type { Prisma } from '../generated/prisma/client.js'

/** Events that are not closed, or were closed lately. */
export function lookedAfter(now: Date): Prisma.EventWhereInput {
  return { OR: [{ closedSince: null }, { closedSince: { gt: new Date(now.getTime() - CLOSING_MS) } }] }
}
