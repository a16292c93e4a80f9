import { Injectable } from '@nestjs/common'
import type { Connection } from '../domain/connection-record.js'
import { environmentConnectionId } from '../domain/connection-record.js'
import { API_PLATFORMS, type ApiPlatform, type Platform } from '../domain/channel.js'
import { Config } from '../infrastructure/config/config.js'
import { EncryptedSecrets } from '../infrastructure/encryption/encrypted-secrets.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { AccessGate } from './access/access-gate.js'
import { accountKeyOf, type Credentials } from './credentials.js'
import { EventbriteAdapter } from './eventbrite/eventbrite-adapter.js'
import { LumaAdapter } from './luma/luma-adapter.js'
import { EncryptedTokenStore } from './meetup/access/encrypted-token-store.js'
import { TokenStores } from './meetup/access/token-store.js'
import { ManualAdapter } from './manual/manual-adapter.js'
import type { MeetupCredentials } from './meetup/config.js'
import { MeetupAdapter } from './meetup/meetup-adapter.js'
import { fingerprintOf, Outbound } from './outbound.js'
import { environmentConnection, type PlatformConnection } from './platforms.js'
import type { PlatformAdapter } from './port.js'
import { rateLimitTraitsOf, traitsOf } from './registry.js'

/** An account as its adapter needs it. */
interface Account {
  connectionId: string
  /** Null: none are configured. */
  credentials: Credentials | null
  /** Secrets of deliveries, in addition to those that the platform issues. */
  webhookSecrets: readonly string[]
  /** The secret last segment of the webhook URL; null: none. */
  webhookToken: string | null
}

/** What an added connection has of its own. */
export interface ConnectionSecrets {
  /** Null: they cannot be read. */
  credentials: Credentials | null
  /** The secret last segment of its webhook URL; null: it cannot be read. */
  webhookToken: string | null
}

/** Creates the adapters of connections, each with an HTTP client of its own. */
@Injectable()
export class ConnectionAdapters {
  private readonly create: Readonly<Record<Platform, (account: Account) => PlatformAdapter>> = {
    EVENTBRITE: (account) => this.eventbrite(account),
    LUMA: (account) => this.luma(account),
    MEETUP: (account) => this.meetup(account),
    MANUAL: () => new ManualAdapter(),
  }

  constructor(
    private readonly config: Config,
    private readonly outbound: Outbound,
    private readonly tokens: TokenStores,
    private readonly secrets: EncryptedSecrets,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** The connections of the credentials in the environment. */
  ofEnvironment(): PlatformConnection[] {
    const { eventbrite, luma, meetup } = this.config
    const secrets: Readonly<Record<ApiPlatform, readonly string[]>> = {
      EVENTBRITE: [],
      LUMA: luma.webhookSecrets,
      MEETUP: meetup.webhookSecret === null ? [] : [meetup.webhookSecret],
    }
    return API_PLATFORMS.map((platform) => {
      const adapter = this.gated(platform, {
        connectionId: environmentConnectionId(platform),
        credentials: this.credentialsOfEnvironment(platform),
        webhookSecrets: secrets[platform],
        webhookToken: eventbrite.webhookToken,
      })
      return environmentConnection(adapter, traitsOf(platform).webhooks?.path(this.config) ?? null)
    })
  }

  /** Null: none are set, or the platform has none. */
  credentialsOfEnvironment(platform: Platform): Credentials | null {
    const { eventbrite, luma, meetup } = this.config
    const { accessToken, jwt } = meetup
    const credentials: Readonly<Record<Platform, Credentials | null>> = {
      EVENTBRITE: eventbrite.token ? { token: eventbrite.token } : null,
      LUMA: luma.apiKey ? { apiKey: luma.apiKey } : null,
      MEETUP: jwt ? { ...jwt } : accessToken ? { accessToken } : null,
      MANUAL: null,
    }
    return credentials[platform]
  }

  /** A connection that was added. Throws Error for credentials that cannot be used, such as an unreadable private key. */
  added(
    { id, platform, label }: Pick<Connection, 'id' | 'platform' | 'label'>,
    { credentials, webhookToken }: ConnectionSecrets,
  ): PlatformConnection {
    const webhookSecrets = credentials?.['webhookSecret'] === undefined ? [] : [credentials['webhookSecret']]
    const adapter = this.gated(platform, { connectionId: id, credentials, webhookSecrets, webhookToken })
    const hasAddress = adapter.hasWebhooks && webhookToken !== null
    const webhookPath = hasAddress ? `/webhooks/${platform.toLowerCase()}/${webhookToken}` : null
    return { id, platform, label, fromEnvironment: false, adapter, webhookPath, webhookToken }
  }

  /** Erases the token that was granted to an account whose credentials are no longer stored. */
  async forgetGrantedToken(credentials: Credentials): Promise<void> {
    await this.tokens.of(tokenKeyOf(credentials)).erase()
  }

  private gated(platform: Platform, account: Account): PlatformAdapter {
    return new AccessGate(this.create[platform](account), () => this.clock.now())
  }

  private eventbrite(account: Account): PlatformAdapter {
    const { apiUrl } = this.config.eventbrite
    const { credentials, webhookToken } = account
    const config = { apiUrl, token: credentials?.['token'] ?? null, webhookToken }
    return new EventbriteAdapter({ config, http: this.client('EVENTBRITE', account), now: () => this.clock.now() })
  }

  private luma(account: Account): PlatformAdapter {
    const { apiUrl } = this.config.luma
    const { credentials, webhookSecrets } = account
    const config = { apiUrl, apiKey: credentials?.['apiKey'] ?? null, webhookSecrets }
    const sleep = (ms: number) => this.timers.sleep(ms)
    return new LumaAdapter({ config, http: this.client('LUMA', account), now: () => this.clock.now(), sleep })
  }

  private meetup(account: Account): PlatformAdapter {
    const { apiUrl, rateLimit } = this.config.meetup
    const { connectionId, credentials, webhookSecrets } = account
    const http = this.client('MEETUP', account)
    const isGranted = credentials?.['clientKey'] !== undefined
    const key = credentials && tokenKeyOf(credentials)
    return new MeetupAdapter({
      config: {
        apiUrl,
        credentials: credentials && meetupCredentials(credentials),
        webhookSecret: webhookSecrets.join(',') || null,
        pointsPerWindow: rateLimit.limit,
        maxPointsPerCall: this.outbound.maxWeightPerCall(connectionId),
      },
      http,
      now: () => this.clock.now(),
      ...(isGranted && key !== null
        ? { tokenStore: new EncryptedTokenStore(key, this.tokens.of(key), this.secrets) }
        : {}),
    })
  }

  private client(platform: ApiPlatform, { connectionId, credentials }: Account) {
    const rateLimit = rateLimitTraitsOf(platform).configured(this.config)
    const credential = credentials && accountKeyOf(credentials)
    return this.outbound.createClient({ connectionId, platform, credential, rateLimit })
  }
}

/** Names an account without containing its credentials. */
export function fingerprintOfAccount(credentials: Credentials): string {
  return fingerprintOf(accountKeyOf(credentials))
}

function tokenKeyOf(credentials: Credentials): string {
  return `meetup-token:${accountKeyOf(credentials)}`
}

function meetupCredentials(credentials: Credentials): MeetupCredentials {
  const { accessToken, clientKey = '', memberId = '', signingKeyId = '', privateKey = '', tokenUrl } = credentials
  if (accessToken !== undefined) return { accessToken }
  return { clientKey, memberId, signingKeyId, privateKey, ...(tokenUrl !== undefined && { tokenUrl }) }
}
