import { Gathered } from './gathered.js'
import { asOwnWork, withWorkClass, workClass, type WorkClass } from './work-class.js'

/** Returns the values that exist. */
type Read<V> = (keys: string[]) => Promise<ReadonlyMap<string, V>>

/** `runs` for each class of work: one that does not return must not make all others wait for its timeout. */
const LIMITS = { runs: 2, size: 500 }

/**
 * Reads values by key, those requested together in one query. A value is read after it was requested, never before: this is
 * no cache. Work of different classes is not mixed, so that none uses the capacity of another.
 */
export class BatchedReads<V> {
  private readonly lanes = new Map<WorkClass | undefined, Gathered<string, V | undefined>>()

  constructor(private readonly read: Read<V>) {}

  /** Undefined: there is none. Rejects with the error of the query. */
  get(key: string): Promise<V | undefined> {
    const current = workClass()
    const lane = this.lanes.get(current) ?? this.lane(current)
    this.lanes.set(current, lane)
    return lane.submit(key)
  }

  private lane(current: WorkClass | undefined): Gathered<string, V | undefined> {
    const read = inClass(current, this.read)
    return new Gathered(async (keys) => {
      const values = await read([...new Set(keys)])
      return keys.map((key) => values.get(key))
    }, LIMITS)
  }
}

function inClass<V>(current: WorkClass | undefined, read: Read<V>): Read<V> {
  return (keys) => (current ? withWorkClass(current, () => read(keys)) : asOwnWork(() => read(keys)))
}
