import type { MailRow } from '../../src/adapters/memory/rows.js'
import type { MailKind } from '../../src/infrastructure/mail/mail-outbox.js'
import { EntryTokens } from '../../src/waitlist/entry-tokens.js'
import { Waitlist } from '../../src/waitlist/waitlist.js'
import { WaitlistClaims } from '../../src/waitlist/waitlist-claims.js'
import type { JoinAction } from '../scenario/actions.js'
import type { World } from '../world/world.js'
import { request } from './client.js'

const POLL_MS = 2_000
/** Mails of the waitlist. */
const KINDS: ReadonlySet<string> = new Set<MailKind>(['OFFER', 'ENTRY_VERIFICATION'])
/** How long entrants need for a response in the calm, ms. */
const CALM_DELAY_MS = 1_000

/** People on waitlists. They know their entries from the response to their request, and their offers from their mail. */
export class Entrants {
  private readonly byAddress = new Map<string, JoinAction>()
  private readonly read = new Set<string>()
  private isPolling = false
  private mayIgnore = true
  /** Offers that are ignored until the calm. */
  private readonly ignored: (() => void)[] = []

  constructor(private readonly world: World) {}

  join(action: JoinAction): void {
    const event = this.world.events[action.event]
    if (!event) return
    const email = addressOf(action)
    this.byAddress.set(email, action)
    this.world.background(this.joinAs(action, event.id, email))
    if (this.isPolling) return
    this.isPolling = true
    this.world.background(this.readMails())
  }

  /** Automatic offers last for hours: from now on those that are ignored are declined. */
  declineIgnored(): void {
    this.mayIgnore = false
    for (const decline of this.ignored.splice(0)) decline()
  }

  private async joinAs({ quantity, leaveAfterMs }: JoinAction, eventId: string, email: string): Promise<void> {
    const { world } = this
    const joined = await request(world, `${email} joins for ${quantity}`, (process) =>
      process.get(Waitlist).join(eventId, { name: email, email, quantity }),
    )
    if (joined.kind !== 'DONE' || leaveAfterMs === undefined) return
    await world.time.sleep(leaveAfterMs)
    const { id, leaveToken } = joined.value
    await this.leave(id, leaveToken)
  }

  private async readMails(): Promise<void> {
    const { world } = this
    let changes = -1
    for (;;) {
      await world.time.sleep(POLL_MS)
      if (world.database.mails.changes === changes) continue
      changes = world.database.mails.changes
      const unread = world.database.mails.where(null, ({ id, kind }) => KINDS.has(kind) && !this.read.has(id))
      for (const mail of unread) {
        this.read.add(mail.id)
        world.background(this.respond(mail))
      }
    }
  }

  private async respond({ kind, recipient, text }: MailRow): Promise<void> {
    const { world } = this
    const action = this.byAddress.get(recipient ?? '')
    const link = new URL(/http\S+/.exec(text ?? '')?.[0] ?? 'http://none')
    const parameters = new URLSearchParams(link.hash.slice(1))
    const [entry, token] = [parameters.get('entry'), parameters.get(kind === 'OFFER' ? 'token' : 'verify')]
    if (!action || entry === null || token === null) return world.report('OFFER', `a mail to ${recipient}: ${text}`)
    await (kind === 'OFFER' ? this.respondToOffer(action, entry, token) : this.verify(action, entry, token))
  }

  private async verify({ verifyAfterMs }: JoinAction, id: string, token: string): Promise<void> {
    const { world } = this
    if (verifyAfterMs === undefined) return
    await world.time.sleep(verifyAfterMs)
    await request(world, `verify ${id}`, (process) => process.get(WaitlistClaims).verify(id, token))
  }

  private async respondToOffer(action: JoinAction, entry: string, token: string): Promise<void> {
    const { world } = this
    const { response, afterMs, card } = action
    if (response === 'ignore' && this.mayIgnore) {
      await new Promise<void>((resolve) => this.ignored.push(resolve))
    }
    await world.time.sleep(this.mayIgnore ? afterMs : Math.min(afterMs, CALM_DELAY_MS))
    await (response === 'accept' ? this.claim(entry, token, card) : this.decline(entry))
  }

  private async claim(id: string, token: string, card: JoinAction['card']): Promise<void> {
    const { world } = this
    let wasSold = false as boolean
    const offeredHold = world.database.waitlistEntries.get(null, id)?.holdId ?? ''
    const response = await request(
      world,
      `claim ${id}`,
      (process) => process.get(WaitlistClaims).claim(id, { token, payment: { token: card } }),
      () => (wasSold ||= world.database.holds.get(null, offeredHold)?.state === 'CONFIRMED'),
    )
    if (response.kind === 'REFUSED' && wasSold) world.report('I5', `${id} has bought and is refused: ${response.code}`)
    if (response.kind !== 'DONE' || response.value.state !== 'CONFIRMED') return
    world.direct.promise(response.value.id, response.value.tickets ?? [])
  }

  /** With the token of the response to joining, also where that was lost: every offer ends before the run does. */
  private async decline(id: string): Promise<void> {
    const { world } = this
    await request(world, `decline ${id}`, (process) =>
      process.get(Waitlist).leave(id, process.get(EntryTokens).forEntry(id)),
    )
  }

  private async leave(id: string, token: string): Promise<void> {
    await request(this.world, `leave ${id}`, (process) => process.get(Waitlist).leave(id, token))
  }
}

function addressOf({ event, person }: JoinAction): string {
  return `person-${person}@event-${event}.example.com`
}
