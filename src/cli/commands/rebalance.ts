import type { Command } from 'commander'
import { AuditService } from '../../accounts/audit.service.js'
import { Rebalancer } from '../../channels/rebalancer.js'
import { EventQueries } from '../../events/event-queries.js'
import { rebalanceInTurn } from '../../events/rebalance-in-turn.js'
import { syncChannels, isServiceRunning } from '../sync-channels.js'
import type { Cli } from '../cli.js'
import { SELF } from '../self.js'

/** `rebalance ID [--dry-run]`. */
export function addRebalance(program: Command, cli: Cli): void {
  const command = program
    .command('rebalance')
    .description('Move unsold units from slow channels to fast ones now')
    .argument('<id>', 'the event')
    .option('--dry-run', 'only say what would be moved')
  cli.on<{ dryRun?: boolean }>(
    command,
    async ({ station, out, args: [id = ''], options: { dryRun = false } }) => {
      await station.get(EventQueries).get(id)
      const result = await rebalanceInTurn(station.get(Rebalancer), id, dryRun)
      const { moves, applied } = result
      if (applied) await station.get(AuditService).record(null, 'event.rebalance', id, null, { moves })
      out.show(result, () =>
        out.table(
          ['FROM', 'TO', 'UNITS', 'WHY'],
          moves.map(({ from, to, quantity, reason }) => [from, to, `${quantity}`, reason]),
        ),
      )
      if (moves.length === 0) out.say('Nothing is to be moved')
      else if (dryRun) out.next(`${SELF} rebalance ${id}`)
      else if (await isServiceRunning(station)) out.next(`${SELF} events show ${id} (the service writes the caps now)`)
      else {
        const left = await syncChannels(station, [id])
        if (left > 0) out.say(`${left} channels are not in step yet; the service goes on when it runs`)
        out.next(`${SELF} events show ${id}`)
      }
    },
    { redis: true },
  )
}
