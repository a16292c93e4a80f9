import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { ContentsController } from './contents.controller.js'
import { ContentsReads } from './contents-reads.js'
import { ContentsRequests } from './contents-requests.js'
import { ContentsTasks } from './contents-tasks.js'
import { ContentsView } from './contents-view.js'

/** What listings show besides their tickets: read, compared, written everywhere; and their cancellation. */
@Module({
  imports: [ChannelsModule],
  controllers: [ContentsController],
  providers: [ContentsReads, ContentsRequests, ContentsTasks, ContentsView],
})
export class ContentsModule {}
