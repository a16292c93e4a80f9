import { sold, unitsOf } from '../../src/domain/stock/ledger-account.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** I4: each platform ticket counts once: the ledger counts as many as are recorded as valid, and no id twice. */
export const orderInvariant: Invariant = (world) => {
  const { database } = world
  const valid = new Map<string, number>()
  const ids = new Set<string>()
  const duplicates: string[] = []
  for (const { channelId, externalTicketId, state } of database.tickets.where(null)) {
    if (channelId === null || state !== 'VALID') continue
    const id = `${channelId} ${externalTicketId}`
    if (ids.has(id)) duplicates.push(id)
    ids.add(id)
    valid.set(channelId, (valid.get(channelId) ?? 0) + 1)
  }
  const miscounted = database.channels.where(null).flatMap((channel) => {
    const counted = unitsOf(world.balancesOf(channel.eventId), sold(channel))
    const tickets = valid.get(channel.id) ?? 0
    return counted === tickets ? [] : [violation('I4', `${channel.id}: ${counted} sold, ${tickets} valid tickets`)]
  })
  return [...miscounted, ...duplicates.map((id) => violation('I4', `ticket ${id} is recorded twice`))]
}
