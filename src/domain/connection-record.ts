import type { Platform } from './channel.js'

/** The platform's response to the last check: credentials accepted, refused, no response, or not checked yet. */
export type ConnectionState = 'READY' | 'REFUSED' | 'UNREACHABLE' | 'UNCHECKED'

/** One account on a platform, as recorded. */
export interface Connection {
  id: string
  platform: Platform
  label: string
  fromEnvironment: boolean
  /** Encrypted. Null: those of the environment, which are not stored, or the connection is removed. */
  credentials: Uint8Array | null
  /** Of the account's credentials: the same account has one rate limit. Null: there are none. */
  fingerprint: string | null
  state: ConnectionState
  checkedAt: Date | null
  /** Why the state is not READY, or what the account has no permission for; null: nothing is known to be missing. */
  detail: string | null
  accountId: string | null
  accountName: string | null
  createdAt: Date
  /** Grows with every change of label, credentials and removal: how processes notice one. */
  version: number
  /** Channels of past events still name it. */
  removedAt: Date | null
}

/**
 * The connection of the credentials in the environment: one per platform, whose id is the same in every installation, so
 * that processes know it without the database. It exists also where no credentials are set.
 */
export function environmentConnectionId(platform: Platform): string {
  return `con_environment_${platform.toLowerCase()}`
}
