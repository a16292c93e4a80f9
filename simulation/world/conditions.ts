import type { RedisOutage } from '../../src/adapters/memory/memory-redis.js'
import type { Condition } from './steps.js'

const SOCKET_CLOSED = () => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' })
const NO_DATABASE = () => Object.assign(new Error("Can't reach database server"), { code: 'P1001' })

export const DATABASE_DOWN: Condition = { unavailable: NO_DATABASE }
export const lostResults = (share: number): Condition => ({ lostResults: { share, error: SOCKET_CLOSED } })

/** Something that is wrong. `slot`: seen by one process only; null: by all. */
interface Entry<What> {
  what: What
  slot: number | null
  sinceMs: number
}

/** What is wrong with a server at present, as each process sees it. */
export class Conditions<What> {
  private entries: Entry<What>[] = []

  constructor(
    private readonly nowMs: () => number,
    private readonly onChange: () => void = () => undefined,
  ) {}

  /** From now on; returns the function that ends it. */
  begin(what: What, slot: number | null = null): () => void {
    const entry = { what, slot, sinceMs: this.nowMs() }
    this.entries.push(entry)
    this.onChange()
    return () => {
      this.entries = this.entries.filter((other) => other !== entry)
      this.onChange()
    }
  }

  endAll(): void {
    this.entries = []
    this.onChange()
  }

  /** The oldest that the process sees; null: nothing is wrong. */
  of(slot: number): What | null {
    return this.seen(slot)[0]?.what ?? null
  }

  /** For how long something has been wrong for the process without interruption, ms; 0: nothing is. */
  sinceMs(slot: number): number {
    const [first] = this.seen(slot)
    return first ? this.nowMs() - first.sinceMs : 0
  }

  private seen(slot: number): Entry<What>[] {
    return this.entries.filter((entry) => entry.slot === null || entry.slot === slot)
  }
}

export type DatabaseConditions = Conditions<Condition>
export type RedisConditions = Conditions<RedisOutage>
