export interface Timer {
  /** ms since 1970. */
  readonly at: number
  readonly run: () => void
}

interface Entry extends Timer {
  readonly order: number
  /** Its place in the heap. */
  index: number
}

/** Timers by time, then by the order in which they were added: a binary heap. */
export class TimerQueue {
  private readonly heap: Entry[] = []
  private added = 0

  get size(): number {
    return this.heap.length
  }

  peek(): Timer | undefined {
    return this.heap[0]
  }

  /** Returns the function that removes the timer, if it is still there. */
  add(at: number, run: () => void): () => void {
    const entry = { at, run, order: ++this.added, index: this.heap.length }
    this.heap.push(entry)
    this.raise(entry)
    return () => {
      if (this.heap[entry.index] === entry) this.remove(entry)
    }
  }

  /** Removes the first timer. */
  take(): Timer | undefined {
    const [first] = this.heap
    if (first) this.remove(first)
    return first
  }

  private remove(entry: Entry): void {
    const last = this.heap.pop()
    if (!last || last === entry) return
    this.place(last, entry.index)
    this.raise(last)
    this.sink(last)
  }

  private raise(entry: Entry): void {
    for (;;) {
      const parent = this.heap[(entry.index - 1) >> 1]
      if (entry.index === 0 || !parent || !isBefore(entry, parent)) return
      this.swap(entry, parent)
    }
  }

  private sink(entry: Entry): void {
    for (;;) {
      const [left, right] = [this.heap[2 * entry.index + 1], this.heap[2 * entry.index + 2]]
      const child = left && right && isBefore(right, left) ? right : left
      if (!child || !isBefore(child, entry)) return
      this.swap(entry, child)
    }
  }

  private swap(one: Entry, other: Entry): void {
    const { index } = one
    this.place(one, other.index)
    this.place(other, index)
  }

  private place(entry: Entry, index: number): void {
    this.heap[index] = entry
    entry.index = index
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
