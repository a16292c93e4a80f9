import { nameKey, wordsOf } from '../../../../src/domain/people/name-key'
import type { Schemas } from '../../api/client'

type Listed = Schemas['DeviceAttendeeDto']
export type Ticket = Pick<Listed['tickets'][number], 'id' | 'code' | 'ticketType'>
export interface Person extends Pick<Listed, 'id' | 'name' | 'platform' | 'channelId' | 'ticketType'> {
  tickets: Ticket[]
}
/** When tickets were checked in first, by ticket. */
export type Times = ReadonlyMap<string, string>

/** The people of a list as they are searched and scanned: made once per list, not per search. */
export class People {
  /** Made for the first search. */
  private keys: readonly string[] | null = null
  private readonly byTicket = new Map<string, Person>()
  private readonly byCode = new Map<string, Ticket[]>()

  constructor(readonly all: readonly Person[]) {
    for (const person of all) {
      for (const ticket of person.tickets) {
        this.byTicket.set(ticket.id, person)
        if (ticket.code !== null) this.byCode.set(ticket.code, [...(this.byCode.get(ticket.code) ?? []), ticket])
      }
    }
  }

  /** Names that contain each word, as the service searches; a whole code finds its people. By name. */
  search(text: string): readonly Person[] {
    const words = wordsOf(text)
    if (text.trim() === '') return this.all
    const keys = (this.keys ??= this.all.map(({ name }) => nameKey(name ?? '')))
    const coded = new Set(this.withCode(text.trim()).map(({ id }) => this.byTicket.get(id)))
    return this.all.filter((person, index) => {
      const key = keys[index] ?? ''
      return coded.has(person) || (words.length > 0 && words.every((word) => key.includes(word)))
    })
  }

  /** Several: tickets that share it. */
  withCode(code: string): readonly Ticket[] {
    return this.byCode.get(code) ?? []
  }

  withTicket(ticketId: string): Person | undefined {
    return this.byTicket.get(ticketId)
  }
}

/**
 * A ticket that was chosen in the list. Ours is sent by its code: after a transfer that this device has not read, the ticket
 * is another person's, and this code is refused. Those of platforms may share a code.
 */
export function tapped({ platform }: Person, { id, code }: Ticket): { ticketId: string; code?: string } {
  return platform === 'DIRECT' && code !== null ? { ticketId: id, code } : { ticketId: id }
}

/** Tickets of a person that are not checked in. */
export function missing({ tickets }: Person, times: Times): Ticket[] {
  return tickets.filter(({ id }) => !times.has(id))
}

/** When the first of a person's tickets was checked in. */
export function firstTime({ tickets }: Person, times: Times): string | undefined {
  return tickets.flatMap(({ id }) => times.get(id) ?? []).toSorted()[0]
}
