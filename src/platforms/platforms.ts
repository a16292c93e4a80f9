import type { Channel } from '../domain/channel-record.js'
import type { Platform } from '../domain/channel.js'
import { environmentConnectionId } from '../domain/connection-record.js'
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

  /** The connection of the credentials in the environment. */
  ofEnvironment(platform: Platform): PlatformConnection {
    return this.connection(environmentConnectionId(platform))
  }

  /** Those with credentials; where there are none, the one of the environment, which is not configured. */
  usable(platform: Platform): PlatformConnection[] {
    const configured = this.all().filter((known) => known.platform === platform && known.adapter.configured)
    return configured.length > 0 ? configured : [this.ofEnvironment(platform)]
  }

  all(): PlatformConnection[] {
    return [...this.connections.values()]
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
