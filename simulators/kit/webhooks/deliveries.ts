/** Built for each attempt, because most senders sign the time of the attempt. */
export interface WebhookRequest {
  headers: Record<string, string>
  body: string
}

/** `attempt` counts from 1; `at` is ms since the epoch. */
export type BuildRequest = (attempt: number, at: number) => WebhookRequest

/** One webhook, as the receiver gets it. */
export interface DeliveryRecord {
  id: number
  url: string
  state: 'HELD' | 'SENT' | 'DROPPED'
  headers: Record<string, string>
  body: string
}

interface Entry {
  id: number
  url: string
  state: DeliveryRecord['state']
  build: BuildRequest
  start: () => void
}

/** More are not kept: the oldest are forgotten, and if held, never sent. */
const MAX_ENTRIES = 5_000

/** The webhooks of a simulator. While they are held back, a test chooses which are sent, in which order, and how often. */
export class Deliveries {
  private entries: Entry[] = []
  private holding = false
  private lastId = 0
  /** Webhooks that no receiver has accepted and that are not sent again. */
  lost = 0

  constructor(private readonly now: () => number) {}

  /** Records a delivery and starts it, unless deliveries are held back. */
  add(delivery: Pick<Entry, 'url' | 'build'>, start: () => void): void {
    const entry: Entry = { ...delivery, start, id: ++this.lastId, state: 'HELD' }
    this.entries.push(entry)
    if (this.entries.length > MAX_ENTRIES) this.entries.shift()
    if (!this.holding) send(entry)
  }

  /** Oldest first; signed as of now. */
  list(): DeliveryRecord[] {
    return this.entries.map(({ id, url, state, build }) => ({ id, url, state, ...build(1, this.now()) }))
  }

  /** From now on nothing is sent. */
  hold(): void {
    this.holding = true
  }

  /** Sends the held ones in the given order of ids, those without a place in it last; later ones are sent at once. */
  release(order: readonly number[] = []): void {
    this.holding = false
    const held = this.entries.filter(({ state }) => state === 'HELD')
    const named = order.flatMap((id) => held.find((entry) => entry.id === id) ?? [])
    for (const entry of new Set([...named, ...held])) send(entry)
  }

  /** Sends one delivery again; held back, it is sent twice when released. False: unknown id. */
  duplicate(id: number): boolean {
    const entry = this.entries.find((other) => other.id === id)
    if (entry) this.add(entry, entry.start)
    return entry !== undefined
  }

  /** A held delivery is never sent. False: no such one is held. */
  drop(id: number): boolean {
    const entry = this.entries.find((other) => other.id === id && other.state === 'HELD')
    if (entry) entry.state = 'DROPPED'
    return entry !== undefined
  }
}

function send(entry: Entry): void {
  entry.state = 'SENT'
  entry.start()
}
