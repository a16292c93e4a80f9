import type { Ticket } from '../fixtures/sales.js'
import type { RunClock } from './model-run.js'
import type { Source, StockModel } from './stock-model.js'

/** Two customers and one of the staff. */
export type Owner = 'ana' | 'ben' | 'operator'

export interface HoldContent {
  source: Source
  quantity: number
  ttlSeconds: number
}

export interface ModelHold extends HoldContent {
  id: string
  owner: Owner
  state: 'HELD' | 'CONFIRMED' | 'RELEASED' | 'EXPIRED'
  /** ms */
  expiresAt: number
  /** Those of the first confirmation; every later one has to return the same. */
  tickets?: Ticket[]
}

interface Keyed {
  hold: ModelHold
  content: HoldContent
}

export type CreateOutcome =
  | { kind: 'CREATED' }
  | { kind: 'REPEATED'; hold: ModelHold }
  /** The contract does not order these problems. */
  | { kind: 'REFUSED'; problems: readonly string[] }

/** What a customer may hold and have bought. */
export const MAX_HELD = 6

/** The life of holds by the contract: every hold is resolved once, and only while it is live. */
export class HoldsModel {
  readonly holds: ModelHold[] = []
  private readonly keys = new Map<string, Keyed>()

  constructor(
    readonly stock: StockModel,
    readonly clock: RunClock,
  ) {}

  outcomeOf(owner: Owner, content: HoldContent, key: string | null): CreateOutcome {
    if (content.source === 'SAFETY_STOCK' && owner !== 'operator') return refused('403 FORBIDDEN')
    const known = this.keys.get(`${owner} ${key}`)
    if (known) {
      if (JSON.stringify(known.content) !== JSON.stringify(content)) return refused('409 IDEMPOTENCY_CONFLICT')
      return { kind: 'REPEATED', hold: known.hold }
    }
    const soldOut = this.stock.free(content.source) < content.quantity
    const overLimit = owner !== 'operator' && this.unitsOf(owner) + content.quantity > MAX_HELD
    if (!soldOut && !overLimit) return { kind: 'CREATED' }
    return refused(...(soldOut ? ['409 SOLD_OUT'] : []), ...(overLimit ? ['409 STATE_CONFLICT'] : []))
  }

  create(owner: Owner, content: HoldContent, key: string | null, id: string): ModelHold {
    const expiresAt = this.clock.now + content.ttlSeconds * 1_000
    const hold: ModelHold = { ...content, id, owner, state: 'HELD', expiresAt }
    this.stock.hold(content.quantity, content.source)
    this.holds.push(hold)
    if (key !== null) this.keys.set(`${owner} ${key}`, { hold, content })
    return hold
  }

  /** Returns units when it is overdue. Every request for a hold does this first. */
  expireIfOverdue(hold: ModelHold): void {
    if (this.isOverdue(hold)) this.resolve(hold, 'EXPIRED')
  }

  confirm(hold: ModelHold): void {
    this.expireIfOverdue(hold)
    if (hold.state === 'HELD') this.resolve(hold, 'CONFIRMED')
  }

  release(hold: ModelHold): void {
    this.expireIfOverdue(hold)
    if (hold.state === 'HELD') this.resolve(hold, 'RELEASED')
  }

  /** As the API shows it: an overdue hold has expired, even before its units are returned. */
  view(hold: ModelHold): object {
    const { id, source, quantity, expiresAt } = hold
    const state = this.isOverdue(hold) ? 'EXPIRED' : hold.state
    return { id, source, quantity, state, expiresAt: new Date(expiresAt).toISOString() }
  }

  private isOverdue({ state, expiresAt }: ModelHold): boolean {
    return state === 'HELD' && expiresAt <= this.clock.now
  }

  private resolve(hold: ModelHold, state: 'CONFIRMED' | 'RELEASED' | 'EXPIRED'): void {
    hold.state = state
    if (state === 'CONFIRMED') this.stock.sellHeld(hold.quantity)
    else this.stock.giveBack(hold.quantity, hold.source)
  }

  private unitsOf(owner: Owner): number {
    return this.holds
      .filter((hold) => hold.owner === owner && (hold.state === 'HELD' || hold.state === 'CONFIRMED'))
      .reduce((sum, { quantity }) => sum + quantity, 0)
  }
}

function refused(...problems: string[]): CreateOutcome {
  return { kind: 'REFUSED', problems }
}
