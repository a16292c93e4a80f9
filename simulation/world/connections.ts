import { ConnectionCredentials } from '../../src/connections/connection-credentials.js'
import { ConnectionStore } from '../../src/connections/connection-store.js'
import type { ApiPlatform, Platform } from '../../src/domain/channel.js'
import { environmentConnectionId } from '../../src/domain/connection-record.js'
import { fingerprintOfAccount } from '../../src/platforms/connection-adapters.js'
import { secondCredentials, secondSecrets, type Generation } from './credentials.js'
import type { ServiceProcess } from './service-process.js'

const addedConnectionId = (platform: Platform) => `con_added_${platform.toLowerCase()}`

/**
 * The accounts of the service: those of the environment, a second one on some platforms, which may be refused, and one for
 * listings without an API.
 */
export class Connections {
  /** Credentials that their platform does not accept any more. */
  private readonly revoked = new Set<string>()
  private readonly refusedSecond = new Set<ApiPlatform>()

  /** `added`: the platforms of the connections that are not of the environment. */
  constructor(private readonly added: readonly Platform[]) {}

  get hasAdded(): boolean {
    return this.added.length > 0
  }

  /** Which connection drives a listing. */
  idOf(platform: ApiPlatform, onSecond: boolean): string {
    return onSecond && this.added.includes(platform) ? addedConnectionId(platform) : environmentConnectionId(platform)
  }

  /** Whether the platform refuses the credentials of a connection. */
  isRefused(connectionId: string): boolean {
    return [...this.refusedSecond].some((platform) => addedConnectionId(platform) === connectionId)
  }

  /** Whether credentials in a request are revoked. */
  isRevoked(header: string): boolean {
    return this.revoked.size > 0 && [...this.revoked].some((secret) => header.endsWith(secret))
  }

  revoke(platform: ApiPlatform): void {
    const [secret] = secondSecrets(platform)
    if (!this.added.includes(platform) || secret === undefined) return
    this.revoked.add(secret)
    this.refusedSecond.add(platform)
  }

  /** As an administrator enters them. */
  async add(process: ServiceProcess): Promise<void> {
    for (const platform of this.added) {
      const id = addedConnectionId(platform)
      const { encrypted: credentials, fingerprint } = stored(process, platform, 'second')
      if (await process.get(ConnectionStore).find(id)) continue
      await process.get(ConnectionStore).create(null, { id, platform, label: 'Added', credentials, fingerprint })
    }
  }

  async replace(process: ServiceProcess, platform: ApiPlatform): Promise<void> {
    if (!this.added.includes(platform)) return
    const credentials = stored(process, platform, 'third')
    await process.get(ConnectionStore).change(null, addedConnectionId(platform), { credentials })
    this.refusedSecond.delete(platform)
  }
}

function stored(process: ServiceProcess, platform: Platform, which: Generation) {
  const id = addedConnectionId(platform)
  const credentials = platform === 'MANUAL' ? {} : secondCredentials(platform, which)
  const secrets = { credentials, webhookToken: `simulated-webhooks-of-${platform.toLowerCase()}` }
  const encrypted = process.get(ConnectionCredentials).encrypt(id, secrets)
  return { encrypted, fingerprint: fingerprintOfAccount(credentials) }
}
