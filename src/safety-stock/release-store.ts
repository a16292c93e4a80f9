import type { Platform } from '../domain/channel.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export const RELEASE_STATES = ['PENDING', 'APPROVED', 'REJECTED'] as const
export type ReleaseState = (typeof RELEASE_STATES)[number]

/** A request to release safety stock to a channel of a platform; another operator than the requester decides it. */
export interface SafetyRelease {
  id: string
  eventId: string
  platform: Platform
  channelId: string
  quantity: number
  reason: string
  state: ReleaseState
  /** User id. */
  requestedBy: string
  requestedAt: Date
  /** User id. */
  decidedBy: string | null
  decidedAt: Date | null
}

/** It is pending. */
export type NewRelease = Omit<SafetyRelease, 'state' | 'decidedBy' | 'decidedAt'>

export interface ReleaseFilter {
  state?: ReleaseState
  eventId?: string
  /** Only releases with a smaller id. */
  before?: string
}

export interface ReleaseDecision {
  state: Exclude<ReleaseState, 'PENDING'>
  decidedBy: string
  decidedAt: Date
}

/** Rows of releases. Null as transaction: outside one. */
export abstract class ReleaseStore {
  /** Up to `limit` matching releases, newest first. */
  abstract newest(filter: ReleaseFilter, limit: number): Promise<SafetyRelease[]>

  /** Null: unknown. */
  abstract find(transaction: DatabaseTransaction | null, id: string): Promise<SafetyRelease | null>

  /** Returns the created row. */
  abstract create(transaction: DatabaseTransaction, release: NewRelease): Promise<SafetyRelease>

  /** Decides a pending release. False: it is decided already. Rejects when the requester decides. */
  abstract decide(transaction: DatabaseTransaction, id: string, decision: ReleaseDecision): Promise<boolean>
}
