import type { INestApplicationContext } from '@nestjs/common'
import { ChannelJobs } from './channels/channel-jobs.js'
import { Oversold } from './channels/oversold.js'
import { Rebalancer } from './channels/rebalancer.js'
import { SoftCap } from './channels/soft-cap.js'
import { BackgroundTasks } from './infrastructure/background/background-tasks.js'
import { NightlyScheduler } from './reconciliation/nightly-scheduler.js'
import { QuarantineAlerts } from './reconciliation/quarantine-alerts.js'
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
  app.get(Poller).start()
  app.get(Rebalancer).start()
  app.get(Oversold).start()
  app.get(Subscriptions).start()
  app.get(NightlyScheduler).start()
  app.get(QuarantineAlerts).start()
  app.get(BackgroundTasks).start()
}
