import { randomBytes } from 'node:crypto'
import { Injectable, Logger } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { ConnectionCredentials, type StoredSecrets } from '../connections/connection-credentials.js'
import { ConnectionLoader } from '../connections/connection-loader.js'
import { ConnectionStore } from '../connections/connection-store.js'
import type { Platform } from '../domain/channel.js'
import type { Connection } from '../domain/connection-record.js'
import { NotFound, StateConflict, ValidationFailed } from '../domain/errors.js'
import { newId } from '../infrastructure/ids.js'
import { Transactions } from '../infrastructure/transactions.js'
import { Clock } from '../infrastructure/time/clock.js'
import { ConnectionAdapters, fingerprintOfAccount } from '../platforms/connection-adapters.js'
import { parseCredentials, type Credentials } from '../platforms/credentials.js'
import { Outbound } from '../platforms/outbound.js'
import type { PlatformConnection } from '../platforms/platforms.js'
import { traitsOf } from '../platforms/registry.js'
import type { CheckResult } from './connection-check.js'
import { ConnectionChecks } from './connection-checks.js'
import { RemovedConnections } from './removed-connections.js'

export interface ConnectionToAdd {
  platform: Platform
  label: string
  credentials: unknown
}

/** Undefined: unchanged. */
export interface ConnectionChanges {
  label?: string
  credentials?: unknown
}

const connectionNotFound = () => new NotFound('There is no such connection.')

/** What staff do to connections. Credentials are tried on the platform before they are stored; every change is audited. */
@Injectable()
export class ConnectionCommands {
  private readonly logger = new Logger(ConnectionCommands.name)

  constructor(
    private readonly transactions: Transactions,
    private readonly store: ConnectionStore,
    private readonly credentials: ConnectionCredentials,
    private readonly loader: ConnectionLoader,
    private readonly adapters: ConnectionAdapters,
    private readonly outbound: Outbound,
    private readonly checks: ConnectionChecks,
    private readonly removed: RemovedConnections,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Returns its id. `actor`: user id; null for the command line. Throws ValidationFailed for credentials that are refused. */
  async add(actor: string | null, { platform, label, credentials: given }: ConnectionToAdd): Promise<string> {
    this.requireKey()
    const credentials = parseCredentials(platform, given)
    const id = newId('con')
    const secrets = { credentials, webhookToken: newWebhookToken() }
    const result = await this.try({ id, platform, label }, secrets)
    const encrypted = this.credentials.encrypt(id, secrets)
    const row = { id, platform, label, fingerprint: fingerprintOfAccount(credentials), credentials: encrypted }
    const created = await this.transactions.run(async (transaction) => {
      const connection = await this.store.create(transaction, row)
      await this.audit.record(actor, 'connection.create', id, null, { platform, label }, transaction)
      return connection
    })
    await this.checks.record(created, result)
    await this.loader.load()
    return id
  }

  /** Throws NotFound; StateConflict for the environment's; ValidationFailed for credentials that are refused. */
  async change(actor: string | null, id: string, changes: ConnectionChanges): Promise<void> {
    const before = await this.changeable(id)
    const { label } = changes
    const replaced = changes.credentials === undefined ? null : await this.replacement(before, changes.credentials)
    await this.transactions.run(async (transaction) => {
      const change = { ...(label !== undefined && { label }), ...(replaced && { credentials: replaced.stored }) }
      const after = await this.store.change(transaction, id, change)
      if (!after) throw connectionNotFound()
      const state = { label: after.label, ...(replaced && { credentialsChanged: true }) }
      await this.audit.record(actor, 'connection.change', id, { label: before.label }, state, transaction)
    })
    if (replaced) await this.checks.record({ ...before, accountId: null, accountName: null }, replaced.result)
    await this.loader.load()
  }

  /** Throws NotFound; StateConflict for the environment's, and while a live channel uses it. */
  async remove(actor: string | null, id: string): Promise<void> {
    const before = await this.changeable(id)
    await this.transactions.run(async (transaction) => {
      const result = await this.store.remove(transaction, id, this.clock.now())
      if (result === 'UNKNOWN') throw connectionNotFound()
      if (result === 'IN_USE') {
        throw new StateConflict('A channel of a live event uses this connection. Detach it first.')
      }
      const { platform, label } = before
      await this.audit.record(actor, 'connection.remove', id, { platform, label }, null, transaction)
    })
    await this.loader.load()
    await this.removed.cleanUp(before)
  }

  /** Throws NotFound; StateConflict for the environment's. */
  async check(actor: string | null, id: string): Promise<void> {
    const before = await this.changeable(id)
    await this.loader.load()
    await this.checks.check(before)
    const after = await this.store.find(id)
    await this.audit.record(actor, 'connection.check', id, { state: before.state }, { state: after?.state ?? null })
  }

  /** A command may not be given the key of the service. */
  private requireKey(): void {
    if (this.credentials.isUsable) return
    throw new StateConflict('No key for stored credentials is known here: set ENCRYPTION_KEY as the service has it.')
  }

  private async changeable(id: string): Promise<Connection> {
    const connection = await this.store.find(id)
    if (!connection || connection.removedAt !== null) throw connectionNotFound()
    if (!connection.fromEnvironment) return connection
    throw new StateConflict('This connection is that of the environment: change its variables and restart the service.')
  }

  private async replacement(connection: Connection, given: unknown) {
    this.requireKey()
    const { id, platform } = connection
    const credentials = parseCredentials(platform, given)
    const secrets = { credentials, webhookToken: this.webhookTokenOf(connection) }
    // Apart from the one in use, which must not lose its calls.
    const result = await this.try({ ...connection, id: newId('con') }, secrets)
    const encrypted = this.credentials.encrypt(id, secrets)
    return { result, stored: { encrypted, fingerprint: fingerprintOfAccount(credentials) } }
  }

  /** The address stays the same where it can be read. */
  private webhookTokenOf(connection: Connection): string {
    try {
      return this.credentials.decrypt(connection).webhookToken
    } catch (error) {
      this.logger.warn({ err: error, connectionId: connection.id }, 'the connection gets a new webhook address')
      return newWebhookToken()
    }
  }

  /** Throws ValidationFailed where they are refused or cannot be used. */
  private async try(
    connection: Pick<Connection, 'id' | 'platform' | 'label'>,
    secrets: StoredSecrets,
  ): Promise<CheckResult> {
    const { credentials } = secrets
    const { hasApi } = traitsOf(connection.platform)
    const isNew = hasApi && !(await this.isKnownAccount(connection.platform, credentials))
    try {
      const trial = this.trialOf(connection, secrets)
      if (isNew) await this.outbound.startUnspent(trial.id)
      const result = await this.checks.result(trial, credentials)
      if (result.state === 'REFUSED') throw ValidationFailed.of('credentials', `are refused: ${result.detail}`)
      return result
    } finally {
      this.outbound.removeClient(connection.id)
    }
  }

  private trialOf(
    connection: Pick<Connection, 'id' | 'platform' | 'label'>,
    secrets: StoredSecrets,
  ): PlatformConnection {
    try {
      return this.adapters.added(connection, secrets)
    } catch (error) {
      throw ValidationFailed.of('credentials', `cannot be used: ${(error as Error).message}`)
    }
  }

  private async isKnownAccount(platform: Platform, credentials: Credentials): Promise<boolean> {
    const fingerprint = fingerprintOfAccount(credentials)
    const known = await this.store.list()
    return known.some((other) => other.platform === platform && other.fingerprint === fingerprint)
  }
}

function newWebhookToken(): string {
  return randomBytes(24).toString('base64url')
}
