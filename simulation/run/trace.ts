import { createHash } from 'node:crypto'

const KEPT_LINES = 400

/** What happened in a run, in order. Two runs are the same if their hashes are. */
export class RunTrace {
  private readonly hash = createHash('sha256')
  private readonly lines: string[] = []
  private count = 0

  constructor(private readonly nowMs: () => number) {}

  add(line: string): void {
    const stamped = `${this.nowMs()} ${line}`
    this.hash.update(`${stamped}\n`)
    this.count += 1
    this.lines.push(stamped)
    if (this.lines.length > 2 * KEPT_LINES) this.lines.splice(0, KEPT_LINES)
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
    return this.hash.copy().digest('hex').slice(0, 16)
  }
}
