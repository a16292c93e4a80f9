import { Injectable } from '@nestjs/common'
import { listingOf } from '../../channels/channel-import.js'
import { ChannelStore } from '../../channels/channel-store.js'
import { NotFound, StateConflict, Unavailable } from '../../domain/errors.js'
import { readCursor, toPage, type Page } from '../../infrastructure/http/requests/pagination.js'
import { OrderIngest } from '../../orders/order-ingest.js'
import { QuarantineStore, type QuarantinedRecord } from '../../orders/quarantine-store.js'
import { Platforms } from '../../platforms/platforms.js'
import { describeReadFailure } from '../run/retry-while-throttled.js'
import { quarantinedRecordDto, type QuarantinedRecordDto, type QuarantineQuery } from './quarantine.dto.js'

/** Lists quarantined records and retries single orders. */
@Injectable()
export class QuarantineService {
  constructor(
    private readonly records: QuarantineStore,
    private readonly channels: ChannelStore,
    private readonly platforms: Platforms,
    private readonly orderIngest: OrderIngest,
  ) {}

  async list(query: QuarantineQuery, state: QuarantineQuery['state']): Promise<Page<QuarantinedRecordDto>> {
    const rows = await this.records.newest({ state, before: readCursor(query.cursor) }, query.limit + 1)
    return toPage(rows, query.limit, quarantinedRecordDto)
  }

  /**
   * Returns the record as it is afterwards: `resolvedAt` is set if the order could be stored. Throws NotFound,
   * StateConflict if the record has no order id, Unavailable if the order could not be fetched.
   */
  async retry(id: string): Promise<QuarantinedRecordDto> {
    const record = await this.find(id)
    const { externalOrderId, channelId } = record
    if (record.resolvedAt) return quarantinedRecordDto(record)
    if (externalOrderId === null)
      throw new StateConflict('The row has no order id. The next read of the whole listing retries it.')
    const channel = await this.channels.find(null, channelId)
    if (!channel) throw new StateConflict('The channel no longer exists.')
    const adapter = this.platforms.of(channel)
    const read = await adapter.getOrder(listingOf(channel), externalOrderId, { lane: 'grow' })
    if (read.kind !== 'OK') throw new Unavailable(`The order could not be fetched: ${describeReadFailure(read)}.`)
    if (read.value === null) throw new StateConflict('The platform does not know the order.')
    await this.orderIngest.ingest(channel, [read.value])
    return quarantinedRecordDto(await this.find(id))
  }

  private async find(id: string): Promise<QuarantinedRecord> {
    const record = await this.records.find(id)
    if (!record) throw new NotFound('There is no such record.')
    return record
  }
}
