import { Injectable, Logger } from '@nestjs/common'
import type { Connection } from '../domain/connection-record.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { ConnectionAdapters, type ConnectionSecrets } from '../platforms/connection-adapters.js'
import { Outbound } from '../platforms/outbound.js'
import { Platforms } from '../platforms/platforms.js'
import { ConnectionCredentials } from './connection-credentials.js'
import { ConnectionStore } from './connection-store.js'

/** Maximum delay before a process uses a connection that another one has added or changed, ms. */
export const LOAD_INTERVAL_MS = 1_000

const UNREADABLE: ConnectionSecrets = { credentials: null, webhookToken: null }

interface Loaded {
  version: number
  /** What its adapter was created with, to keep the adapter where only the label has changed. */
  secrets: ConnectionSecrets
}

/** Keeps the connections of this process like the stored ones: added, changed and removed by any process. */
@Injectable()
export class ConnectionLoader {
  private readonly logger = new Logger(ConnectionLoader.name)
  private readonly loaded = new Map<string, Loaded>()
  private last: Promise<void> = Promise.resolve()

  constructor(
    private readonly store: ConnectionStore,
    private readonly credentials: ConnectionCredentials,
    private readonly adapters: ConnectionAdapters,
    private readonly platforms: Platforms,
    private readonly outbound: Outbound,
  ) {}

  /** Reads the versions, and only the connections whose version is another. Calls wait for each other. */
  @Periodic({ name: 'connection load', every: LOAD_INTERVAL_MS, runsIn: 'every process' })
  load(): Promise<void> {
    const run = this.last.then(() => this.loadChanges())
    this.last = run.catch(() => undefined)
    return run
  }

  private async loadChanges(): Promise<void> {
    const versions = await this.store.versions()
    for (const id of this.loaded.keys()) if (!versions.has(id)) this.forget(id)
    for (const [id, version] of versions) {
      if (this.loaded.get(id)?.version === version) continue
      const connection = await this.store.find(id)
      if (connection && !connection.fromEnvironment && connection.removedAt === null) this.use(connection)
      else if (connection?.fromEnvironment) this.loaded.set(id, { version, secrets: UNREADABLE })
    }
  }

  private use(connection: Connection): void {
    const { id, label, version } = connection
    const secrets = this.readSecrets(connection)
    const known = this.platforms.find(id)
    if (known && JSON.stringify(this.loaded.get(id)?.secrets) === JSON.stringify(secrets)) {
      this.platforms.set({ ...known, label })
    } else this.platforms.set(this.adaptersFor(connection, secrets))
    this.loaded.set(id, { version, secrets })
  }

  private adaptersFor(connection: Connection, secrets: ConnectionSecrets) {
    try {
      return this.adapters.added(connection, secrets)
    } catch (error) {
      this.logger.error({ connectionId: connection.id, err: error }, 'the credentials of a connection cannot be used')
      return this.adapters.added(connection, { ...secrets, credentials: null })
    }
  }

  /** One that cannot be decrypted stays known without credentials: its channels are shown as refused, the others work. */
  private readSecrets(connection: Connection): ConnectionSecrets {
    try {
      return this.credentials.decrypt(connection)
    } catch (error) {
      this.logger.error(
        { connectionId: connection.id, err: error },
        'the credentials of a connection cannot be decrypted; see ENCRYPTION_KEY',
      )
      return UNREADABLE
    }
  }

  private forget(id: string): void {
    this.loaded.delete(id)
    this.platforms.remove(id)
    this.outbound.removeClient(id)
  }
}
