import { Injectable } from '@nestjs/common'
import { ConnectionCredentials } from '../connections/connection-credentials.js'
import { ConnectionStore } from '../connections/connection-store.js'
import { API_PLATFORMS, type Lane } from '../domain/channel.js'
import { environmentConnectionId, type Connection } from '../domain/connection-record.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { NotDecryptable } from '../infrastructure/encryption/key-ring.js'
import { Locks } from '../infrastructure/locks/locks.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { ConnectionAdapters, fingerprintOfAccount } from '../platforms/connection-adapters.js'
import type { Credentials } from '../platforms/credentials.js'
import { Platforms, type PlatformConnection } from '../platforms/platforms.js'
import { checkConnection, type CheckResult } from './connection-check.js'

const TICK_MS = 5_000
/** Age at which a check is repeated, ms. */
const RECHECK_MS = { READY: 15 * 60_000, REFUSED: 60_000, UNREACHABLE: 30_000, UNCHECKED: 0 }

/** What is known of each account: whether its platform accepts the credentials, and who it is. */
@Injectable()
export class ConnectionChecks {
  private isEnvironmentKnown = false
  private readonly time

  constructor(
    private readonly store: ConnectionStore,
    private readonly credentials: ConnectionCredentials,
    private readonly adapters: ConnectionAdapters,
    private readonly platforms: Platforms,
    private readonly locks: Locks,
    private readonly clock: Clock,
    timers: Timers,
  ) {
    this.time = { clock, timers }
  }

  /**
   * Checks one connection and stores the result. The account stays known while the platform shows none. By default for a
   * person who waits; in another lane a connection without budget is left as it is.
   */
  async check(connection: Connection, lane: Lane = 'protect'): Promise<void> {
    const known = this.platforms.find(connection.id)
    if (!known) return
    const result = await checkConnection(known, this.secretsOf(connection), { ...this.time, lane })
    if (result) await this.record(connection, result)
  }

  /** Stores nothing. */
  result(connection: PlatformConnection, credentials: Credentials | null): Promise<CheckResult> {
    return checkConnection(connection, credentials, this.time)
  }

  async record(before: Connection, result: CheckResult): Promise<void> {
    const { accountId, accountName } = result.accountId === null ? before : result
    await this.store.recordCheck(before.id, { ...result, accountId, accountName, checkedAt: this.clock.now() })
  }

  /** Checks are repeated, with budget that protection does not need; at once where calls of this process were refused, or no longer are. */
  @Periodic({ name: 'connection check', every: TICK_MS })
  async checkWhenDue(): Promise<void> {
    if (!this.isEnvironmentKnown) await this.recordEnvironment()
    for (const connection of await this.store.list()) {
      if (!this.isDue(connection)) continue
      await this.locks.tryWith(`connection-check:${connection.id}`, async () => {
        const now = await this.store.find(connection.id)
        if (now && now.removedAt === null && this.isDue(now)) await this.check(now, 'grow')
      })
    }
  }

  private isDue({ id, state, checkedAt }: Connection): boolean {
    const known = this.platforms.find(id)
    if (!known || (known.fromEnvironment && !known.adapter.configured)) return false
    if (state === 'READY' && this.platforms.isRefused(id)) return true
    return checkedAt === null || this.clock.now().getTime() - checkedAt.getTime() >= RECHECK_MS[state]
  }

  /** Other credentials in the environment than before are unchecked. */
  private async recordEnvironment(): Promise<void> {
    for (const platform of API_PLATFORMS) {
      const credentials = this.adapters.credentialsOfEnvironment(platform)
      const fingerprint = credentials && fingerprintOfAccount(credentials)
      await this.store.refreshEnvironment(environmentConnectionId(platform), fingerprint)
    }
    this.isEnvironmentKnown = true
  }

  private secretsOf(connection: Connection): Credentials | null {
    if (connection.fromEnvironment) return this.adapters.credentialsOfEnvironment(connection.platform)
    try {
      return this.credentials.decrypt(connection).credentials
    } catch (error) {
      if (error instanceof NotDecryptable) return null
      throw error
    }
  }
}
