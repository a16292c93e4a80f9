import type { Transaction } from './transaction.js'
import { platformOf, type Platform } from '../../domain/channel.js'

type WithPlatform<Row> = Omit<Row, 'platform'> & { platform: Platform }

/** A row of a table about platforms, with its platform parsed. @throws RangeError */
export function withPlatform<Row extends { platform: string }>(row: Row): WithPlatform<Row> {
  return { ...row, platform: platformOf(row.platform) }
}

/** An event's row with its channels, their platforms parsed. @throws RangeError */
export function withChannels<Channel extends { platform: string }, Row extends { channels: Channel[] }>(
  row: Row & { channels: Channel[] },
): Omit<Row, 'channels'> & { channels: WithPlatform<Channel>[] } {
  return { ...row, channels: row.channels.map(withPlatform) }
}

/** The event with its channels, as the transaction sees them. Rejects if there is no such event. */
export async function eventWithChannels(prisma: Transaction, eventId: string) {
  return withChannels(await prisma.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } }))
}
