import { Injectable } from '@nestjs/common'
import { DatabaseTime } from '../time/database-time.js'
import { PrismaService } from './prisma.service.js'

@Injectable()
export class PostgresTime extends DatabaseTime {
  constructor(private readonly prisma: PrismaService) {
    super()
  }

  override async read(): Promise<Date> {
    const rows = await this.prisma.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`
    const [row] = rows
    if (!row) throw new Error('PostgreSQL returned no time')
    return row.now
  }
}
