import type { Condition, Server } from './steps.js'

interface Entry {
  server: Server
  /** Null: all processes see it. */
  slot: number | null
  condition: Condition
  sinceMs: number
}

const SOCKET_CLOSED = () => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' })
const NO_DATABASE = () => Object.assign(new Error("Can't reach database server"), { code: 'P1001' })
const NO_REDIS = () => new Error('Connection is closed.')
const READ_ONLY = () => new Error("READONLY You can't write against a read only replica.")

/** Calls of a read-only Redis that succeed. */
const REDIS_READS = /\.(read|installedEpoch|pending|status)$/

export const DATABASE_DOWN: Condition = { unavailable: NO_DATABASE }
export const REDIS_DOWN: Condition = { unavailable: NO_REDIS }
export const REDIS_READ_ONLY: Condition = { unavailable: (method) => (REDIS_READS.test(method) ? null : READ_ONLY()) }
export const lostResults = (share: number): Condition => ({ lostResults: { share, error: SOCKET_CLOSED } })

/** What is wrong with the servers at present, as each process sees it. */
export class Conditions {
  private entries: Entry[] = []

  constructor(private readonly nowMs: () => number) {}

  /** From now on; returns the function that ends it. `slot`: one process only. */
  begin(server: Server, condition: Condition, slot: number | null = null): () => void {
    const entry = { server, slot, condition, sinceMs: this.nowMs() }
    this.entries.push(entry)
    return () => {
      this.entries = this.entries.filter((other) => other !== entry)
    }
  }

  endAll(): void {
    this.entries = []
  }

  /** The first one that makes the server unavailable, or else the first one; null: the server works. */
  of(server: Server, slot: number): Condition | null {
    const seen = this.seen(server, slot)
    return (seen.find(({ condition }) => condition.unavailable) ?? seen[0])?.condition ?? null
  }

  /** For how long a server has been unavailable to a process without interruption, ms; 0: it is available. */
  missingMs(server: Server, slot: number): number {
    const down = this.seen(server, slot).filter(({ condition }) => condition.unavailable)
    return down.length === 0 ? 0 : this.nowMs() - Math.min(...down.map(({ sinceMs }) => sinceMs))
  }

  private seen(server: Server, slot: number): Entry[] {
    return this.entries.filter((entry) => entry.server === server && (entry.slot === null || entry.slot === slot))
  }
}
