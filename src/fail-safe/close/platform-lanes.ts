import type { Channel } from '../../domain/channel-record.js'
import { ItemRounds, type ItemRoundsOptions } from '../../infrastructure/item-rounds.js'

interface Lane<T> {
  rounds: ItemRounds<T>
  round: Promise<void> | null
}

/**
 * Rounds over channels with one lane per platform: a slow or throttled platform does not block the others. Limits apply
 * per lane, and a lane runs one round at a time.
 */
export class PlatformLanes<T extends Pick<Channel, 'id' | 'platform'>> {
  private readonly lanes = new Map<string, Lane<T>>()

  constructor(private readonly options: Omit<ItemRoundsOptions<T>, 'keyOf'>) {}

  /** Starts a round in each lane that is idle. Resolves once all lanes of these channels are idle. */
  async start(channels: readonly T[]): Promise<void> {
    const platforms = [...new Set(channels.map(({ platform }) => platform))]
    await Promise.all(
      platforms.map((platform) => {
        const lane = this.laneOf(platform)
        const own = channels.filter((channel) => channel.platform === platform)
        lane.round ??= lane.rounds.round(own).finally(() => (lane.round = null))
        return lane.round
      }),
    )
  }

  /** Resolves once all lanes are idle. */
  async idle(): Promise<void> {
    for (const { round } of this.lanes.values()) await round
  }

  private laneOf(platform: string): Lane<T> {
    const existing = this.lanes.get(platform)
    if (existing) return existing
    const lane = { rounds: new ItemRounds<T>({ ...this.options, keyOf: ({ id }) => id }), round: null }
    this.lanes.set(platform, lane)
    return lane
  }
}
