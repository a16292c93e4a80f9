import { setImmediate as macrotask } from 'node:timers/promises'
import { asOwnWork, withWorkClass, workClass, type WorkClass } from './work-class.js'

interface Caller<V> {
  resolve: (value: V | undefined) => void
  reject: (reason: unknown) => void
}

/** Returns the values that exist. */
type Read<V> = (keys: string[]) => Promise<ReadonlyMap<string, V>>

/** At once for each class of work: one that does not return must not make all others wait for its timeout. */
const MAX_READS = 2
const MAX_KEYS = 500

/**
 * Reads values by key, those requested together in one query. A value is read after it was requested, never before: this is
 * no cache. Work of different classes is not mixed, so that none uses the capacity of another.
 */
export class BatchedReads<V> {
  private readonly lanes = new Map<WorkClass | undefined, Lane<V>>()

  constructor(private readonly read: Read<V>) {}

  /** Undefined: there is none. Rejects with the error of the query. */
  get(key: string): Promise<V | undefined> {
    const current = workClass()
    const lane = this.lanes.get(current) ?? new Lane(inClass(current, this.read))
    this.lanes.set(current, lane)
    return lane.get(key)
  }
}

function inClass<V>(current: WorkClass | undefined, read: Read<V>): Read<V> {
  return (keys) => (current ? withWorkClass(current, () => read(keys)) : asOwnWork(() => read(keys)))
}

class Lane<V> {
  private readonly waiting = new Map<string, Caller<V>[]>()
  private reads = 0

  constructor(private readonly read: Read<V>) {}

  get(key: string): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      const callers = this.waiting.get(key) ?? []
      callers.push({ resolve, reject })
      this.waiting.set(key, callers)
      if (this.reads < MAX_READS) void this.readWaiting()
    })
  }

  private async readWaiting(): Promise<void> {
    this.reads += 1
    // What is requested in the same tick is read together.
    await macrotask()
    while (this.waiting.size > 0) {
      const batch = new Map([...this.waiting].slice(0, MAX_KEYS))
      for (const key of batch.keys()) this.waiting.delete(key)
      await this.readBatch(batch)
    }
    this.reads -= 1
  }

  private async readBatch(batch: ReadonlyMap<string, Caller<V>[]>): Promise<void> {
    try {
      const values = await this.read([...batch.keys()])
      for (const [key, callers] of batch) for (const { resolve } of callers) resolve(values.get(key))
    } catch (error) {
      for (const { reject } of [...batch.values()].flat()) reject(error)
    }
  }
}
