import { Injectable } from '@nestjs/common'
import { listingOf } from '../channels/channel-import.js'
import type { Platform } from '../domain/channel.js'
import { NotFound, StateConflict, Unavailable } from '../domain/errors.js'
import { pageArgs, toPage, type Page } from '../infrastructure/http/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { OrderIntake } from '../inventory/order-intake.js'
import { Platforms } from '../platforms/platforms.js'
import { reasonOf } from './retry-while-throttled.js'
import { recordDto, type QuarantinedRecordDto, type QuarantineQuery } from './quarantine.dto.js'

const WHERE = { open: { resolvedAt: null }, resolved: { resolvedAt: { not: null } }, all: {} } as const

/** Shows what is in quarantine, and tries single orders again. */
@Injectable()
export class QuarantineService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly platforms: Platforms,
    private readonly intake: OrderIntake,
  ) {}

  async list(query: QuarantineQuery, state: QuarantineQuery['state']): Promise<Page<QuarantinedRecordDto>> {
    const { where, ...page } = pageArgs(query)
    const rows = await this.prisma.quarantinedRecord.findMany({ ...page, where: { ...where, ...WHERE[state] } })
    return toPage(rows, query.limit, recordDto)
  }

  /**
   * Answers the record as it is afterwards: `resolvedAt` is set when the order could be stored. Throws NotFound,
   * StateConflict where no order is named, Unavailable where the platform does not answer.
   */
  async retry(id: string): Promise<QuarantinedRecordDto> {
    const record = await this.find(id)
    const { externalOrderId, channelId } = record
    if (record.resolvedAt) return recordDto(record)
    if (externalOrderId === null)
      throw new StateConflict('The row names no order: the next reading of the whole listing tries it again.')
    const channel = await this.prisma.channel.findUnique({ where: { id: channelId } })
    if (!channel) throw new StateConflict('The channel is gone.')
    const adapter = this.platforms.get(channel.platform as Platform)
    const read = await adapter.getOrder(listingOf(channel), externalOrderId, { lane: 'grow' })
    if (read.kind !== 'OK') throw new Unavailable(`The order could not be read: ${reasonOf(read)}.`)
    if (read.value === null) throw new StateConflict('The platform does not know the order now.')
    await this.intake.take(channel, [read.value])
    return recordDto(await this.find(id))
  }

  private async find(id: string) {
    const record = await this.prisma.quarantinedRecord.findUnique({ where: { id } })
    if (!record) throw new NotFound('There is no such record.')
    return record
  }
}
