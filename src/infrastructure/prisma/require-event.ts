import { eventNotFound } from '../../domain/errors.js'
import type { PrismaClient } from '../../generated/prisma/client.js'

/** Throws NotFound unless the event exists. */
export async function requireEvent(prisma: Pick<PrismaClient, 'event'>, eventId: string): Promise<void> {
  if ((await prisma.event.count({ where: { id: eventId } })) === 0) throw eventNotFound()
}
