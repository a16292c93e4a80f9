import type { Random } from '../../kit/index.js'

const FIRST_NAMES = ['Ada', 'Bela', 'Chidi', 'Dana', 'Elif', 'Farid', 'Greta', 'Hana', 'Ivo', 'Jun']
const LAST_NAMES = ['Example', 'Sample', 'Muster', 'Modelo', 'Vzor', 'Esimerk', 'Voorbeeld', 'Primer']

/** Ids in Meetup's format: increasing numbers as text, from a seeded start. */
export class Ids {
  private readonly next: Record<'event' | 'rsvp' | 'member' | 'token' | 'message', number>

  constructor(private readonly random: Random) {
    this.next = {
      event: 309_000_000 + random.integer(1, 99_999),
      rsvp: 1_900_000_000 + random.integer(1, 999_999),
      member: 70_000_000 + random.integer(1, 99_999),
      token: 1,
      message: 1,
    }
  }

  event(): string {
    return String(this.next.event++)
  }

  eventToken(): string {
    return `tok_${this.random.integer(100_000, 999_999)}_${this.next.token++}`
  }

  rsvp(): string {
    return String(this.next.rsvp++)
  }

  member(): { id: string; name: string } {
    const id = String(this.next.member++)
    return { id, name: `${this.random.pick(FIRST_NAMES)} ${this.random.pick(LAST_NAMES)}` }
  }

  message(): string {
    return `msg_${this.random.integer(100_000, 999_999)}_${this.next.message++}`
  }
}
