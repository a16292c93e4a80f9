import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { MailModule } from '../infrastructure/mail/mail.module.js'
import { ChannelImport } from './channel-import.js'
import { CapSync } from './cap-sync.js'
import { CapWriteJournal } from './cap-write-journal.js'
import { ChannelJobs } from './channel-jobs.js'
import { ChannelPull } from './channel-pull.js'
import { ChannelReads } from './channel-reads.js'
import { ClosingReserve } from './closing-reserve.js'
import { DesiredState } from './desired-state.js'
import { DonorReads } from './donor-reads.js'
import { ListingReadings } from './listing-readings.js'
import { OnSaleSpans } from './on-sale-spans.js'
import { Oversold } from './oversold.js'
import { RebalanceViews } from './rebalance-view.js'
import { Rebalancer } from './rebalancer.js'
import { SalesHistory } from './sales-history.js'
import { SalesVelocity } from './sales-velocity.js'
import { SoftCap } from './soft-cap.js'
import { SyncFailures } from './sync-failures.js'
import { AllocationReclaim } from './allocation-reclaim.js'

/** Desired state of the channels, and its sync to the platforms. */
@Module({
  imports: [AlertsModule, MailModule],
  providers: [
    ChannelImport,
    CapSync,
    ChannelReads,
    ClosingReserve,
    CapWriteJournal,
    ChannelJobs,
    ChannelPull,
    DesiredState,
    DonorReads,
    ListingReadings,
    OnSaleSpans,
    Oversold,
    RebalanceViews,
    Rebalancer,
    SalesHistory,
    SalesVelocity,
    SoftCap,
    SyncFailures,
    AllocationReclaim,
  ],
  exports: [
    CapSync,
    CapWriteJournal,
    ChannelJobs,
    ChannelPull,
    DesiredState,
    ListingReadings,
    Oversold,
    Rebalancer,
    SalesVelocity,
    SoftCap,
  ],
})
export class ChannelsModule {}
