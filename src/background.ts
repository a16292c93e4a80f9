import type { INestApplicationContext } from '@nestjs/common'
import { ConditionRunner } from './alert-conditions/condition-runner.js'
import { LoopFailures } from './alerts/loop-failures.js'
import { ChannelJobs } from './channels/channel-jobs.js'
import { Oversold } from './channels/oversold.js'
import { Rebalancer } from './channels/rebalancer.js'
import { SoftCap } from './channels/soft-cap.js'
import { PlatformStates } from './dashboard/platform-states.js'
import { MailJobs } from './infrastructure/mail/mail-jobs.js'
import { PendingSweeper } from './inventory/pending-sweeper.js'
import { NightlyScheduler } from './reconciliation/nightly-scheduler.js'
import { QuarantineAlerts } from './reconciliation/quarantine-alerts.js'
import { HoldExpiry } from './sales/hold-expiry.js'
import { PaymentWorker } from './sales/payments/payment-worker.js'
import { WaitlistOffers } from './sales/waitlist/waitlist-offers.js'
import { InboundWorkers } from './webhooks/inbound-workers.js'
import { InboxDrain } from './webhooks/inbox-drain.js'
import { Poller } from './webhooks/poller.js'
import { Subscriptions } from './webhooks/subscriptions.js'

/** Starts the jobs and schedules of the `worker` role. Everything here may run in several processes. */
export function startBackground(app: INestApplicationContext): void {
  app.get(SoftCap).start()
  app.get(ChannelJobs).start()
  app.get(InboundWorkers).start()
  app.get(InboxDrain).start()
  const loopFailures = app.get(LoopFailures)
  app
    .get(PendingSweeper)
    .start((eventId, error, times) => loopFailures.record('sweep of pending operations', eventId, error, times))
  app.get(HoldExpiry).start()
  app.get(PaymentWorker).start()
  app.get(WaitlistOffers).start()
  app.get(MailJobs).start()
  app.get(Poller).start()
  app.get(ConditionRunner).start()
  app.get(Rebalancer).start()
  app.get(Oversold).start()
  app.get(Subscriptions).start()
  app.get(PlatformStates).start()
  app.get(NightlyScheduler).start()
  app.get(QuarantineAlerts).start()
}
