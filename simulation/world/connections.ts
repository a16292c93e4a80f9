import { ConnectionCredentials } from '../../src/connections/connection-credentials.js'
import { ConnectionStore } from '../../src/connections/connection-store.js'
import type { ApiPlatform } from '../../src/domain/channel.js'
import { environmentConnectionId } from '../../src/domain/connection-record.js'
import { fingerprintOfAccount } from '../../src/platforms/connection-adapters.js'
import { secondCredentials, secondSecrets, type Generation } from './credentials.js'
import type { ServiceProcess } from './service-process.js'

const secondConnectionId = (platform: ApiPlatform) => `con_second_${platform.toLowerCase()}`

/** The accounts of the service: those of the environment, and a second one on some platforms, which may be refused. */
export class Connections {
  /** Credentials that their platform does not accept any more. */
  private readonly revoked = new Set<string>()
  private readonly refusedSecond = new Set<ApiPlatform>()

  /** `second`: of the platforms that have a second connection. */
  constructor(private readonly second: readonly ApiPlatform[]) {}

  get hasSecond(): boolean {
    return this.second.length > 0
  }

  /** Which connection drives a listing. */
  idOf(platform: ApiPlatform, onSecond: boolean): string {
    return onSecond && this.second.includes(platform) ? secondConnectionId(platform) : environmentConnectionId(platform)
  }

  /** Whether the platform refuses the credentials of a connection. */
  isRefused(connectionId: string): boolean {
    return [...this.refusedSecond].some((platform) => secondConnectionId(platform) === connectionId)
  }

  /** Whether credentials in a request are revoked. */
  isRevoked(header: string): boolean {
    return this.revoked.size > 0 && [...this.revoked].some((secret) => header.endsWith(secret))
  }

  revoke(platform: ApiPlatform): void {
    const [secret] = secondSecrets(platform)
    if (!this.second.includes(platform) || secret === undefined) return
    this.revoked.add(secret)
    this.refusedSecond.add(platform)
  }

  /** As an administrator enters them. */
  async add(process: ServiceProcess): Promise<void> {
    for (const platform of this.second) {
      const id = secondConnectionId(platform)
      const { encrypted: credentials, fingerprint } = stored(process, platform, 'second')
      if (await process.get(ConnectionStore).find(id)) continue
      await process.get(ConnectionStore).create(null, { id, platform, label: 'Second', credentials, fingerprint })
    }
  }

  async replace(process: ServiceProcess, platform: ApiPlatform): Promise<void> {
    if (!this.second.includes(platform)) return
    const credentials = stored(process, platform, 'third')
    await process.get(ConnectionStore).change(null, secondConnectionId(platform), { credentials })
    this.refusedSecond.delete(platform)
  }
}

function stored(process: ServiceProcess, platform: ApiPlatform, which: Generation) {
  const id = secondConnectionId(platform)
  const credentials = secondCredentials(platform, which)
  const secrets = { credentials, webhookToken: `simulated-second-webhooks-of-${platform.toLowerCase()}` }
  const encrypted = process.get(ConnectionCredentials).encrypt(id, secrets)
  return { encrypted, fingerprint: fingerprintOfAccount(credentials) }
}
