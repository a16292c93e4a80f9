import type { Channel } from '../domain/channel-record.js'
import type { Platform } from '../domain/channel.js'
import { environmentConnectionId } from '../domain/connection-record.js'
import { isSameSecret } from '../infrastructure/same-secret.js'
import { AccessGate, type RefusedAccess } from './access/access-gate.js'
import type { PlatformAdapter } from './port.js'

/** One account on a platform, as this process uses it. */
export interface PlatformConnection {
  id: string
  platform: Platform
  label: string
  fromEnvironment: boolean
  adapter: PlatformAdapter
  /** Path of its webhook URL; null: the platform sends none, or the secret part of the path is not set. */
  webhookPath: string | null
  /** The secret last segment of the path by which an added connection is found; null: it is found otherwise, or has none. */
  webhookToken: string | null
}

/** This process does not know the connection (yet). */
export class ConnectionUnknown extends Error {
  override readonly name = 'ConnectionUnknown'

  constructor(readonly connectionId: string) {
    super(`there is no connection ${connectionId}`)
  }
}

/** The connections of this process, each with its adapter. */
export class Platforms {
  private readonly connections: Map<string, PlatformConnection>
  private readonly listeners: ((connectionId: string) => void)[] = []

  constructor(connections: readonly PlatformConnection[]) {
    this.connections = new Map(connections.map((connection) => [connection.id, connection]))
  }

  /** The adapter that drives a channel. Throws ConnectionUnknown. */
  of({ connectionId }: Pick<Channel, 'connectionId'>): PlatformAdapter {
    return this.connection(connectionId).adapter
  }

  /** Throws ConnectionUnknown. */
  connection(id: string): PlatformConnection {
    const connection = this.connections.get(id)
    if (!connection) throw new ConnectionUnknown(id)
    return connection
  }

  /** Null: this process does not know it (yet). */
  find(id: string): PlatformConnection | null {
    return this.connections.get(id) ?? null
  }

  /** The added connection with this secret in its webhook path; null: there is none. Each is compared in constant time. */
  byWebhookToken(platform: Platform, token: string): PlatformConnection | null {
    const matching = this.all().filter(({ webhookToken }) => webhookToken !== null && isSameSecret(token, webhookToken))
    return matching.find((connection) => connection.platform === platform) ?? null
  }

  /** Adds a connection, or replaces the one with its id. */
  set(connection: PlatformConnection): void {
    const before = this.connections.get(connection.id)
    this.connections.set(connection.id, connection)
    if (before && before.adapter !== connection.adapter) for (const listener of this.listeners) listener(connection.id)
  }

  /** `listener`: gets the id of each connection whose credentials are replaced. */
  onReplaced(listener: (connectionId: string) => void): void {
    this.listeners.push(listener)
  }

  remove(id: string): void {
    this.connections.delete(id)
  }

  /** The connection of the credentials in the environment. */
  ofEnvironment(platform: Platform): PlatformConnection {
    return this.connection(environmentConnectionId(platform))
  }

  /** Those that were added, and the one of the environment if it has credentials or is the only one. */
  usable(platform: Platform): PlatformConnection[] {
    const known = this.all().filter((connection) => connection.platform === platform)
    const usable = known.filter(({ fromEnvironment, adapter }) => !fromEnvironment || adapter.configured)
    return usable.length > 0 ? usable : known
  }

  all(): PlatformConnection[] {
    return [...this.connections.values()]
  }

  /** Whether the platform refuses the credentials of a connection, as far as this process knows. */
  isRefused(id: string): boolean {
    const adapter = this.find(id)?.adapter
    return adapter instanceof AccessGate && adapter.refused() !== null
  }

  /** Connections whose platform refuses the credentials, as far as this process knows. */
  refused(): RefusedAccess[] {
    return this.all().flatMap(({ adapter }) => (adapter instanceof AccessGate ? (adapter.refused() ?? []) : []))
  }
}

/** The connection of the credentials in the environment. `webhookPath`: as in `PlatformConnection`. */
export function environmentConnection(adapter: PlatformAdapter, webhookPath: string | null = null): PlatformConnection {
  const { platform } = adapter
  return {
    id: environmentConnectionId(platform),
    platform,
    label: 'Environment',
    fromEnvironment: true,
    adapter,
    webhookPath,
    webhookToken: null,
  }
}

/** For operators: the platform, and which of several accounts there. */
export function nameOf({ platform, label, fromEnvironment }: PlatformConnection): string {
  return fromEnvironment ? platform : `${platform} (${label})`
}

/** Alerts about a connection that was added are apart from those of the platform's others. */
export function alertSubjectOf({ id, fromEnvironment }: Pick<PlatformConnection, 'id' | 'fromEnvironment'>): {
  subject?: string
} {
  return fromEnvironment ? {} : { subject: id }
}
