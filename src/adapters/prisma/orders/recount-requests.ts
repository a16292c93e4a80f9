import type { PrismaClient } from '../../../generated/prisma/client.js'
import { RecountRequests } from '../../../orders/recount-requests.js'

export class PrismaRecountRequests extends RecountRequests {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async request(channelId: string, at: Date): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE channels SET recount_at = LEAST(recount_at, ${at}::timestamptz), recounts = 0
      WHERE id = ${channelId} AND platform_sold IS NOT NULL AND (desired_mode <> 'OPEN' OR paused_since IS NOT NULL
        OR platform_sold + pending_tickets > LEAST(confirmed_cap, desired_cap))`
  }
}
