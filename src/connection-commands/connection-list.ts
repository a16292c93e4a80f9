import { Injectable } from '@nestjs/common'
import { ConnectionStore } from '../connections/connection-store.js'
import type { Connection } from '../domain/connection-record.js'
import { NotFound } from '../domain/errors.js'
import { SubscriptionStore, type SubscriptionRecord } from '../inbound/subscriptions/subscription-store.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Platforms } from '../platforms/platforms.js'
import { traitsOf } from '../platforms/registry.js'
import type { ConnectionDto, WebhookState } from './connections.dto.js'

/** The connections as staff see them. */
@Injectable()
export class ConnectionList {
  constructor(
    private readonly store: ConnectionStore,
    private readonly subscriptions: SubscriptionStore,
    private readonly platforms: Platforms,
    private readonly clock: Clock,
  ) {}

  /** Those of the environment first, then in order of their creation. */
  async all(): Promise<ConnectionDto[]> {
    const connections = (await this.store.list()).toSorted(
      (a, b) => Number(b.fromEnvironment) - Number(a.fromEnvironment),
    )
    const channels = await this.store.liveChannels(this.clock.now())
    const records = await this.subscriptions.records(connections.map(({ id }) => id))
    return connections
      .map((connection) => {
        return toDto(connection, records.get(connection.id), channels.get(connection.id) ?? 0)
      })
      .filter((one) => one.channels > 0 || this.hasCredentials(one))
  }

  /** Throws NotFound. */
  async one(id: string): Promise<ConnectionDto> {
    const found = (await this.all()).find((connection) => connection.id === id)
    if (!found) throw new NotFound('There is no such connection.')
    return found
  }

  /** Where none are set in the environment, its connection is not used. */
  private hasCredentials({ id, fromEnvironment }: ConnectionDto): boolean {
    return !fromEnvironment || this.platforms.find(id)?.adapter.configured === true
  }
}

function toDto(connection: Connection, record: unknown, channels: number): ConnectionDto {
  const { id, platform, label, fromEnvironment, state, checkedAt, detail, accountId, accountName } = connection
  return {
    id,
    platform,
    label,
    fromEnvironment,
    state,
    checkedAt: checkedAt?.toISOString() ?? null,
    detail,
    account: accountId === null ? null : { id: accountId, name: accountName },
    webhook: webhookOf(platform, record),
    channels,
  }
}

function webhookOf(platform: string, record: unknown): WebhookState {
  if (traitsOf(platform).webhooks === null) return 'POLLED'
  return (record as Partial<SubscriptionRecord> | undefined)?.registered === true ? 'REGISTERED' : 'MISSING'
}
