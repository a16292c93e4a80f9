import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import { StateConflict, ValidationFailed } from '../domain/errors.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Platforms } from '../platforms/platforms.js'
import { ConnectionStore } from './connection-store.js'

/** Which connection drives a new channel. */
@Injectable()
export class ChannelConnections {
  constructor(
    private readonly platforms: Platforms,
    private readonly connections: ConnectionStore,
  ) {}

  /**
   * The requested one, or the only one of the platform. `field`: of the request. Throws ValidationFailed for an unknown one
   * or one of another platform, and where none is requested and there are several.
   */
  idFor({ platform, connectionId }: { platform: Platform; connectionId?: string }, field: string): string {
    if (connectionId !== undefined) {
      if (this.platforms.find(connectionId)?.platform === platform) return connectionId
      throw ValidationFailed.of(field, `is no connection to ${platform}`)
    }
    const [first, ...others] = this.platforms.usable(platform)
    if (first === undefined) throw ValidationFailed.of(field, `there is no connection to ${platform}: add one first`)
    if (others.length > 0) {
      throw ValidationFailed.of(field, `is required: there are several connections to ${platform}`)
    }
    return first.id
  }

  /** Until the transaction ends, the connection is not removed. Throws StateConflict if it was. */
  async keep(transaction: DatabaseTransaction, connectionId: string): Promise<void> {
    if (this.platforms.find(connectionId)?.fromEnvironment) return
    if (await this.connections.lockUsable(transaction, connectionId)) return
    throw new StateConflict('The connection was removed.')
  }
}
