import type { Command } from 'commander'
import { AuditService } from '../../accounts/audit.service.js'
import { Rebalancer } from '../../rebalancing/rebalancer.js'
import { EventQueries } from '../../events/event-queries.js'
import { rebalanceNow } from '../../events/rebalance/rebalance-now.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { syncChannels, isServiceRunning } from '../sync-channels.js'
import type { Cli } from '../cli.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'

/** `rebalance ID [--dry-run]`. */
export function addRebalance(program: Command, cli: Cli): void {
  const command = program
    .command('rebalance')
    .description('Move unsold units from slow channels to fast ones now')
    .argument('<id>', 'the event')
    .option('--dry-run', 'show the moves without applying them')
  cli.register<{ dryRun?: boolean }>(
    command,
    async ({ context, out, args: [id = ''], options: { dryRun = false } }) => {
      await context.get(EventQueries).get(id)
      const time = { clock: context.get(Clock), timers: context.get(Timers) }
      const result = await rebalanceNow(context.get(Rebalancer), id, dryRun, time)
      const { moves, applied } = result
      if (applied) await context.get(AuditService).record(null, 'event.rebalance', id, null, { moves })
      out.show(result, () =>
        out.table(
          ['FROM', 'TO', 'UNITS', 'REASON'],
          moves.map(({ from, to, quantity, reason }) => [from, to, `${quantity}`, reason]),
        ),
      )
      if (moves.length === 0) out.info('Nothing to move')
      else if (dryRun) out.next(`${PROGRAM_NAME} rebalance ${id}`)
      else if (await isServiceRunning(context))
        out.next(`${PROGRAM_NAME} events show ${id} (the service writes the caps now)`)
      else {
        const unsynced = await syncChannels(context, [id])
        if (unsynced > 0) out.info(`${unsynced} channels are not in sync yet; the service continues once it is running`)
        out.next(`${PROGRAM_NAME} events show ${id}`)
      }
    },
    { redis: true },
  )
}
