import { ChannelCount } from '../../../platforms/channel-count.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryChannelCount extends ChannelCount {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async total(): Promise<number> {
    this.database.assertAvailable()
    return this.database.channels.where(null).length
  }
}
