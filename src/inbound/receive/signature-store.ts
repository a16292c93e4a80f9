/** Deliveries with an invalid signature or secret since the last valid one. */
export interface RefusedSignatures {
  count: number
  /** RFC 3339 UTC. */
  firstAt: string
  lastAt: string
}

/** Counts of `RefusedSignatures` by connection, across all processes. */
export abstract class SignatureStore {
  /** Adds `refused` deliveries, the last of them at `at`, to the count, or starts one. */
  abstract add(connectionId: string, refused: number, at: Date): Promise<void>

  /** The counts of these connections, by id; those whose last delivery was valid are missing. */
  abstract counts(connectionIds: readonly string[]): Promise<Map<string, RefusedSignatures>>

  /** A valid delivery arrived: ends the count. */
  abstract clear(connectionId: string): Promise<void>
}
