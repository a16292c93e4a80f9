import type { Random } from '../../kit/index.js'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const PREFIXES = {
  event: 'evt-',
  guest: 'gst-',
  guestKey: 'g-',
  user: 'usr-',
  ticketType: 'evtticktyp-',
  ticket: 'eventticket-',
  order: 'evttktord-',
  webhook: 'wh-',
  delivery: 'msg_',
  cancellation: 'ctk-',
} as const

/** Ids in Luma's format, from the seed. They contain a counter to be unique. */
export class Ids {
  private count = 0

  constructor(private readonly random: Random) {}

  next(kind: keyof typeof PREFIXES): string {
    this.count += 1
    return PREFIXES[kind] + this.letters(9) + this.count.toString(36).padStart(5, '0')
  }

  /** 32 bytes in base64, which is a strong key both decoded and as text. */
  secret(): string {
    const bytes = Uint8Array.from({ length: 32 }, () => this.random.integer(0, 255))
    return `whsec_${Buffer.from(bytes).toString('base64')}`
  }

  private letters(count: number): string {
    return Array.from({ length: count }, () => LETTERS[this.random.integer(0, LETTERS.length - 1)]).join('')
  }
}
