import type { PrismaClient } from '../../../generated/prisma/client.js'
import { ChannelCount } from '../../../platforms/channel-count.js'

export class PrismaChannelCount extends ChannelCount {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  total(): Promise<number> {
    return this.prisma.channel.count()
  }
}
