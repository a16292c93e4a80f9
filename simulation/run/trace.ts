import { createHash } from 'node:crypto'

const KEPT_LINES = 400

/** What happened in a run, in order. Two runs are the same if their hashes are. */
export class RunTrace {
  private readonly hash = createHash('sha256')
  private readonly lines: string[] = []
  private count = 0
  /** How many of the kept lines are in the hash. */
  private hashed = 0

  constructor(private readonly nowMs: () => number) {}

  add(line: string): void {
    const stamped = `${this.nowMs()} ${line}`
    this.count += 1
    if (process.env['SIM_TRACE']) console.error(stamped)
    this.lines.push(stamped)
    if (this.lines.length >= 2 * KEPT_LINES) this.flush(KEPT_LINES)
  }

  get length(): number {
    return this.count
  }

  /** The newest lines, oldest first. */
  tail(count: number = KEPT_LINES): string[] {
    return this.lines.slice(-count)
  }

  /** 16 hexadecimal digits over all lines so far. */
  digest(): string {
    const hash = this.hash.copy()
    hash.update(`${this.lines.slice(this.hashed).join('\n')}\n`)
    return hash.digest('hex').slice(0, 16)
  }

  /** Hashes the lines since the last time, in one go, and drops the oldest ones. */
  private flush(dropped: number): void {
    this.hash.update(`${this.lines.slice(this.hashed).join('\n')}\n`)
    this.lines.splice(0, dropped)
    this.hashed = this.lines.length
  }
}
