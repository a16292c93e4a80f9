interface Entry {
  at: number
  order: number
  run: () => void
}

/** Simulated time: runs what was planned in the order of its instants, ties in the order of planning. */
export class EventQueue {
  /** ms since the start of the trace. */
  now = 0
  private heap: Entry[] = []
  private planned = 0

  at(instant: number, run: () => void): void {
    const entry = { at: Math.max(instant, this.now), order: this.planned++, run }
    let index = this.heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!before(entry, this.heap[parent])) break
      this.heap[index] = this.heap[parent] as Entry
      index = parent
    }
    this.heap[index] = entry
  }

  after(ms: number, run: () => void): void {
    this.at(this.now + ms, run)
  }

  /** Runs everything up to `end` (ms) and drops the rest. */
  runUntil(end: number): void {
    for (let entry = this.heap[0]; entry && entry.at <= end; entry = this.heap[0]) {
      this.removeFirst()
      this.now = entry.at
      entry.run()
    }
    this.now = end
    this.heap = []
  }

  private removeFirst(): void {
    const last = this.heap.pop()
    if (!last || this.heap.length === 0) return
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      if (left >= this.heap.length) break
      const child = before(this.heap[left + 1], this.heap[left]) ? left + 1 : left
      if (!before(this.heap[child], last)) break
      this.heap[index] = this.heap[child] as Entry
      index = child
    }
    this.heap[index] = last
  }
}

function before(a: Entry | undefined, b: Entry | undefined): boolean {
  if (!a || !b) return false
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
