import type { Channel } from '../../domain/channel-record.js'
import { ItemRounds, type ItemRoundsOptions } from '../../infrastructure/item-rounds.js'

interface Lane<T> {
  rounds: ItemRounds<T>
  round: Promise<void> | null
}

/**
 * Rounds over channels with one lane per connection: a slow or throttled one does not block the others. Limits apply
 * per lane, and a lane runs one round at a time.
 */
export class ConnectionLanes<T extends Pick<Channel, 'id' | 'connectionId'>> {
  private readonly lanes = new Map<string, Lane<T>>()

  constructor(private readonly options: Omit<ItemRoundsOptions<T>, 'keyOf'>) {}

  /** Starts a round in each lane that is idle. Resolves once all lanes of these channels are idle. */
  async start(channels: readonly T[]): Promise<void> {
    const connections = [...new Set(channels.map(({ connectionId }) => connectionId))]
    await Promise.all(
      connections.map((connectionId) => {
        const lane = this.laneOf(connectionId)
        const own = channels.filter((channel) => channel.connectionId === connectionId)
        lane.round ??= lane.rounds.round(own).finally(() => (lane.round = null))
        return lane.round
      }),
    )
  }

  /** Resolves once all lanes are idle. */
  async idle(): Promise<void> {
    for (const { round } of this.lanes.values()) await round
  }

  private laneOf(connectionId: string): Lane<T> {
    const existing = this.lanes.get(connectionId)
    if (existing) return existing
    const lane = { rounds: new ItemRounds<T>({ ...this.options, keyOf: ({ id }) => id }), round: null }
    this.lanes.set(connectionId, lane)
    return lane
  }
}
