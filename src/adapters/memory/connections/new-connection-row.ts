import { API_PLATFORMS } from '../../../domain/channel.js'
import { environmentConnectionId, type Connection } from '../../../domain/connection-record.js'

/** The row that PostgreSQL creates, with the defaults of its columns. */
export function newConnectionRow(
  connection: Pick<Connection, 'id' | 'platform' | 'label'> & Partial<Connection>,
  now: Date,
): Connection {
  return {
    fromEnvironment: false,
    credentials: null,
    fingerprint: null,
    state: 'UNCHECKED',
    checkedAt: null,
    detail: null,
    accountId: null,
    accountName: null,
    createdAt: now,
    version: 1,
    removedAt: null,
    ...connection,
  }
}

/** Those that a migration creates: of each platform with credentials. */
export function environmentConnectionRows(now: Date): Connection[] {
  return API_PLATFORMS.map((platform) => {
    const id = environmentConnectionId(platform)
    return newConnectionRow({ id, platform, label: 'Environment', fromEnvironment: true }, now)
  })
}
