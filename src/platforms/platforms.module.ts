import { Global, Logger, Module } from '@nestjs/common'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import type { Platform } from '../domain/channel.js'
import { environmentConnectionId } from '../domain/connection-record.js'
import { Config } from '../infrastructure/config/config.js'
import type { RateLimit } from '../infrastructure/config/env-parsers.js'
import { EncryptedSecrets } from '../infrastructure/encryption/encrypted-secrets.js'
import { Instances } from '../infrastructure/instances/instances.js'
import { AccessGate } from './access/access-gate.js'
import { ChannelConnections } from './channel-connections.js'
import { EventbriteAdapter } from './eventbrite/eventbrite-adapter.js'
import { LumaAdapter } from './luma/luma-adapter.js'
import { MeetupAdapter } from './meetup/meetup-adapter.js'
import { Outbound, RateLimiterPort } from './outbound.js'
import { environmentConnection, Platforms } from './platforms.js'
import { traitsOf } from './registry.js'
import { EncryptedTokenStore } from './meetup/access/encrypted-token-store.js'
import { TokenStores, type TokenStore } from './meetup/access/token-store.js'
import { ResilientLimiter } from './throttle/resilient-limiter.js'
import { SharedLimiter } from './throttle/shared-limiter.js'

const limiter = {
  provide: RateLimiterPort,
  inject: [SharedLimiter, Clock, Instances],
  useFactory: (shared: SharedLimiter, clock: Clock, instances: Instances) => {
    const logger = new Logger('Throttle')
    return new ResilientLimiter({
      redis: shared,
      clock,
      liveInstances: () => instances.liveCount(),
      log: (level, message, details) =>
        level === 'info' ? logger.log(details, message) : logger[level](details, message),
    })
  },
}

const platforms = {
  provide: Platforms,
  inject: [Config, Outbound, TokenStores, EncryptedSecrets, Clock, Timers],
  useFactory: (
    config: Config,
    outbound: Outbound,
    tokens: TokenStores,
    secrets: EncryptedSecrets,
    clock: Clock,
    timers: Timers,
  ) => {
    const now = () => clock.now()
    const adapters = [
      eventbrite(config, outbound, now),
      luma(config, outbound, now, timers),
      meetup(config, outbound, now, (key) => new EncryptedTokenStore(key, tokens.of(key), secrets)),
    ]
    return new Platforms(
      adapters.map((adapter) => {
        const path = traitsOf(adapter.platform).webhooks?.path(config) ?? null
        return environmentConnection(new AccessGate(adapter, now), path)
      }),
    )
  },
}

/** Adapters, HTTP clients and rate limiter of the platforms. */
@Global()
@Module({
  providers: [limiter, Outbound, platforms, ChannelConnections],
  exports: [Platforms, Outbound, ChannelConnections],
})
export class PlatformsModule {}

function eventbrite({ eventbrite: { rateLimit, ...config } }: Config, outbound: Outbound, now: () => Date) {
  const http = environmentClient(outbound, 'EVENTBRITE', config.token, rateLimit)
  return new EventbriteAdapter({ config, http, now })
}

function luma({ luma: { rateLimit, ...config } }: Config, outbound: Outbound, now: () => Date, timers: Timers) {
  const http = environmentClient(outbound, 'LUMA', config.apiKey, rateLimit)
  return new LumaAdapter({ config, http, now, sleep: (ms) => timers.sleep(ms) })
}

function meetup({ meetup: config }: Config, outbound: Outbound, now: () => Date, storeOf: (key: string) => TokenStore) {
  const { apiUrl, jwt, accessToken, webhookSecret, rateLimit } = config
  const account = jwt ? `${jwt.clientKey}:${jwt.memberId}` : accessToken
  const http = environmentClient(outbound, 'MEETUP', account, rateLimit)
  return new MeetupAdapter({
    config: {
      apiUrl,
      credentials: jwt ?? (accessToken === null ? null : { accessToken }),
      webhookSecret,
      pointsPerWindow: rateLimit.limit,
      maxPointsPerCall: outbound.maxWeightPerCall(environmentConnectionId('MEETUP')),
    },
    http,
    now,
    ...(jwt ? { tokenStore: storeOf(`meetup-token:${account}`) } : {}),
  })
}

function environmentClient(outbound: Outbound, platform: Platform, credential: string | null, rateLimit: RateLimit) {
  return outbound.createClient({ connectionId: environmentConnectionId(platform), platform, credential, rateLimit })
}
