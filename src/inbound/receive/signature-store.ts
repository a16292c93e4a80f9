import type { Platform } from '../../domain/channel.js'

/** Deliveries with an invalid signature or secret since the last valid one. */
export interface RefusedSignatures {
  count: number
  /** RFC 3339 UTC. */
  firstAt: string
  lastAt: string
}

/** Counts of `RefusedSignatures` by platform, across all processes. */
export abstract class SignatureStore {
  /** Adds `refused` deliveries, the last of them at `at`, to the count, or starts one. */
  abstract add(platform: Platform, refused: number, at: Date): Promise<void>

  /** The counts; platforms whose last delivery was valid are missing. */
  abstract counts(): Promise<Map<Platform, RefusedSignatures>>

  /** A valid delivery arrived: ends the count. */
  abstract clear(platform: Platform): Promise<void>
}
