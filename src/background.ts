import type { INestApplicationContext } from '@nestjs/common'
import { ConditionRunner } from './alerts/conditions/condition-runner.js'
import { LoopFaults } from './alerts/loop-faults.js'
import { ChannelJobs } from './channels/channel-jobs.js'
import { Oversold } from './channels/oversold.js'
import { Rebalancer } from './channels/rebalancer.js'
import { SoftCap } from './channels/soft-cap.js'
import { PlatformStates } from './dashboard/platform-states.js'
import { MailJobs } from './infrastructure/mail/mail-jobs.js'
import { PendingSweeper } from './inventory/pending-sweeper.js'
import { Nightly } from './reconciliation/nightly.js'
import { QuarantineAlerts } from './reconciliation/quarantine-alerts.js'
import { HoldExpiry } from './sales/hold-expiry.js'
import { PaymentWorker } from './sales/payments/payment-worker.js'
import { WaitlistOffers } from './sales/waitlist/waitlist-offers.js'
import { InboundWorkers } from './webhooks/inbound-workers.js'
import { InboxDrain } from './webhooks/inbox-drain.js'
import { Poller } from './webhooks/poller.js'
import { Subscriptions } from './webhooks/subscriptions.js'

/** What the `worker` role does beside answering health checks. Everything here may run in several processes. */
export function startBackground(app: INestApplicationContext): void {
  app.get(SoftCap).start()
  app.get(ChannelJobs).start()
  app.get(InboundWorkers).start()
  app.get(InboxDrain).start()
  const faults = app.get(LoopFaults)
  app
    .get(PendingSweeper)
    .start((eventId, error, times) => faults.note('the sweep of pending operations', eventId, error, times))
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
  app.get(Nightly).start()
  app.get(QuarantineAlerts).start()
}
