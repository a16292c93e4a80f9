import type { Connection } from '../domain/connection-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** What the last check of a connection showed. */
export type ConnectionCheck = Pick<Connection, 'state' | 'detail' | 'accountId' | 'accountName'> & { checkedAt: Date }

/** A connection that is added. */
export type NewConnection = Pick<Connection, 'id' | 'platform' | 'label' | 'fingerprint'> & {
  credentials: Uint8Array
}

/** Undefined: unchanged. */
export interface ConnectionChange {
  label?: string
  credentials?: { encrypted: Uint8Array; fingerprint: string }
}

/** Whether a connection was removed; IN_USE: a live channel names it. */
export type Removal = 'REMOVED' | 'IN_USE' | 'UNKNOWN'

/** Rows of connections. Removed ones are kept for the channels of past events, and returned by `find` only. */
export abstract class ConnectionStore {
  /** By ascending id. */
  abstract list(): Promise<Connection[]>

  /** Null: unknown. */
  abstract find(id: string): Promise<Connection | null>

  /** The version of every connection, by id. */
  abstract versions(): Promise<Map<string, number>>

  abstract create(transaction: DatabaseTransaction | null, connection: NewConnection): Promise<Connection>

  /** Increments the version. Null: there is none, or it was removed. */
  abstract change(
    transaction: DatabaseTransaction | null,
    id: string,
    change: ConnectionChange,
  ): Promise<Connection | null>

  /** Replaces stored credentials by other ciphertext of the same; false: they have changed since. */
  abstract reencrypt(id: string, before: Uint8Array, after: Uint8Array): Promise<boolean>

  /** The version stays as it is. */
  abstract recordCheck(id: string, check: ConnectionCheck): Promise<void>

  /** Records the fingerprint of the environment's credentials; other ones than before are unchecked. */
  abstract refreshEnvironment(id: string, fingerprint: string | null): Promise<void>

  /** Erases the credentials. Waits for transactions that have called `lockUsable`, and later calls of it see the removal. */
  abstract remove(transaction: DatabaseTransaction, id: string, now: Date): Promise<Removal>

  /** False: it is unknown or removed. Otherwise it is not removed before the transaction ends. */
  abstract lockUsable(transaction: DatabaseTransaction, id: string): Promise<boolean>

  /** Number of attached channels of live events, by connection; those without one are missing. */
  abstract liveChannels(now: Date): Promise<Map<string, number>>
}
