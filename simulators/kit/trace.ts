/** Keeps the newest items and counts the dropped ones. */
export class RingBuffer<T> {
  private readonly items: T[] = []
  private start = 0
  dropped = 0

  constructor(private readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity must be a positive whole number')
  }

  push(item: T): void {
    if (this.items.length < this.capacity) {
      this.items.push(item)
      return
    }
    this.items[this.start] = item
    this.start = (this.start + 1) % this.capacity
    this.dropped += 1
  }

  clear(): void {
    this.items.length = 0
    this.start = 0
  }

  /** Oldest first. */
  list(): T[] {
    return [...this.items.slice(this.start), ...this.items.slice(0, this.start)]
  }
}

export interface CallEntry {
  seq: number
  at: number
  method: string
  path: string
  operation: string
  kind: 'read' | 'write'
  weight: number
  /** The HTTP status sent; 0 when no response was sent. */
  status: number
  /** The injected fault; null for the handler's own response. */
  fault: string | null
}

/** The true state of one event after a change. A cap of null is unlimited. */
export interface CapEntry {
  seq: number
  at: number
  eventId: string
  cap: number | null
  sold: number
  pending: number
  cause: string
}

export interface TraceQuery {
  eventId?: string
  /** Only entries at or after this, ms since the epoch. */
  since?: number
}

/**
 * The calls that a simulator received and the true state of each event at every instant, in one common sequence (`seq`),
 * so that a checker can test the exposure inequality. `dropped` above 0 means that the oldest entries are missing.
 */
export class Trace {
  private seq = 0
  private readonly calls: RingBuffer<CallEntry>
  private readonly caps: RingBuffer<CapEntry>
  /** Receives each entry when it is recorded. */
  onEntry: ((entry: CallEntry | CapEntry) => void) | null = null

  constructor(capacity = 50_000) {
    this.calls = new RingBuffer(capacity)
    this.caps = new RingBuffer(capacity)
  }

  recordCall(entry: Omit<CallEntry, 'seq'>): void {
    const recorded = { seq: ++this.seq, ...entry }
    this.calls.push(recorded)
    this.onEntry?.(recorded)
  }

  recordCap(entry: Omit<CapEntry, 'seq'>): void {
    const recorded = { seq: ++this.seq, ...entry }
    this.caps.push(recorded)
    this.onEntry?.(recorded)
  }

  /** Forgets all entries; the sequence continues. */
  clear(): void {
    this.calls.clear()
    this.caps.clear()
  }

  query({ eventId, since = 0 }: TraceQuery = {}) {
    return {
      calls: this.calls.list().filter((call) => call.at >= since),
      caps: this.caps.list().filter((cap) => cap.at >= since && (eventId === undefined || cap.eventId === eventId)),
      dropped: { calls: this.calls.dropped, caps: this.caps.dropped },
    }
  }
}
