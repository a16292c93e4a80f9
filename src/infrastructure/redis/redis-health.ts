/** The result of one probe. */
export interface RedisObservation {
  /** Run id and replication id of every master that responded. */
  identity: string
  /** Written after the last rebuild; null: the server was emptied since or is another one. */
  canary: string | null
}

/** Whether Redis works, whether it is still the same, and what it may lose. */
export abstract class RedisHealth {
  /** Reads and writes. Rejects when Redis times out, rejects writes, is still loading or is a replica. */
  abstract observe(): Promise<RedisObservation>

  /** Marks this Redis: later observations contain the canary until its data is lost. Rejects like `observe`. */
  abstract writeCanary(canary: string): Promise<void>

  /** How Redis may lose acknowledged writes, one sentence each; empty if it cannot. Rejects when Redis is unavailable. */
  abstract durabilityFindings(): Promise<string[]>
}
