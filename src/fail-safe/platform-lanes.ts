import type { Channel } from '../generated/prisma/client.js'
import { ItemRounds, type ItemRoundsOptions } from '../infrastructure/item-rounds.js'

interface Lane<T> {
  rounds: ItemRounds<T>
  round: Promise<void> | null
}

/**
 * Rounds over channels, a lane per platform: one that is slow or throttled holds up no other one. Limits count per
 * lane, and a lane has one round at a time.
 */
export class PlatformLanes<T extends Pick<Channel, 'id' | 'platform'>> {
  private readonly lanes = new Map<string, Lane<T>>()

  constructor(private readonly options: Omit<ItemRoundsOptions<T>, 'keyOf'>) {}

  /** Begins a round where none is at work. Resolves once no lane of these channels is at work. */
  async begin(channels: readonly T[]): Promise<void> {
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

  /** Resolves once no lane is at work. */
  async idle(): Promise<void> {
    for (const { round } of this.lanes.values()) await round
  }

  private laneOf(platform: string): Lane<T> {
    const known = this.lanes.get(platform)
    if (known) return known
    const lane = { rounds: new ItemRounds<T>({ ...this.options, keyOf: ({ id }) => id }), round: null }
    this.lanes.set(platform, lane)
    return lane
  }
}
