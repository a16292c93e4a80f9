import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelImport } from './channel-import.js'
import { CapSync } from './sync/cap-sync.js'
import { CapWriteJournal } from './sync/cap-write-journal.js'
import { ChannelJobs } from './sync/channel-jobs.js'
import { ChannelPull } from './reading/channel-pull.js'
import { ChannelReads } from './reading/channel-reads.js'
import { ClosingReserve } from './closing-reserve.js'
import { DesiredState } from './desired-state.js'
import { ListingReadings } from './reading/listing-readings.js'
import { ListingConfirmations } from './tasks/listing-confirmations.js'
import { ListingTasks } from './tasks/listing-tasks.js'
import { SoftCap } from './soft-cap.js'
import { Detachments } from './sync/detachments.js'
import { ReplacedCredentials } from './sync/replaced-credentials.js'
import { SyncFailures } from './sync/sync-failures.js'

/** Desired state of the channels, and its sync to the platforms. */
@Module({
  imports: [AlertsModule],
  providers: [
    ChannelImport,
    CapSync,
    ChannelReads,
    ClosingReserve,
    CapWriteJournal,
    ChannelJobs,
    ChannelPull,
    DesiredState,
    Detachments,
    ListingConfirmations,
    ListingReadings,
    ListingTasks,
    SoftCap,
    ReplacedCredentials,
    SyncFailures,
  ],
  exports: [
    CapSync,
    CapWriteJournal,
    ChannelJobs,
    ChannelPull,
    DesiredState,
    ListingConfirmations,
    ListingReadings,
    SoftCap,
  ],
})
export class ChannelsModule {}
