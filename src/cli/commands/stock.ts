import type { Command } from 'commander'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Rebuilder, type RebuildReport } from '../../stock/gate/rebuild.js'
import type { Cli } from '../cli.js'
import { EXIT, explain, noSuchEvent, usage } from '../terminal/exit.js'
import type { Cell } from '../terminal/output.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'
import { verifyStock, type CheckResult, type StockReport } from '../stock-check.js'

/** `stock verify [ID]`, `stock rebuild ID|--all`. */
export function addStock(program: Command, cli: Cli): void {
  const stock = program.command('stock').description('Verify and rebuild ledger, balances and stock gate')
  addVerify(stock, cli)
  addRebuild(stock, cli)
}

function addVerify(stock: Command, cli: Cli): void {
  const verify = stock
    .command('verify')
    .description('Check that movements, balances and the gate agree; exit 1 on any difference')
    .argument('[id]', 'the event; default: every event')
  cli.register(verify, async ({ context, out, args: [id] }) => {
    const events = await eventsOf(context.get(PrismaService), id)
    const items: StockReport[] = []
    for (const event of events) items.push(await verifyStock(context, event))
    out.show({ items, ok: items.every(({ ok }) => ok) }, () =>
      out.table(
        ['EVENT', 'NAME', 'MOVEMENTS', 'BALANCES', 'GATE', 'DIFFERENCE'],
        items.map(({ eventId, name, movements, balances, gate, difference }) => [
          eventId,
          name,
          ...[movements, balances, gate].map(resultCell),
          difference ?? '',
        ]),
      ),
    )
    const different = items.filter(({ ok }) => !ok)
    if (different.length > 0) {
      out.next(`${PROGRAM_NAME} stock rebuild ${different.length === 1 ? different[0]?.eventId : '--all'}`)
      return EXIT.failed
    }
    if (items.every(({ gate }) => gate !== 'unreachable')) return EXIT.done
    out.info('Redis is unreachable: the gates were not compared')
    return EXIT.unreachable
  })
}

function addRebuild(stock: Command, cli: Cli): void {
  const rebuild = stock
    .command('rebuild')
    .description('Reload the stock gate from the ledger')
    .argument('[id]', 'the event')
    .option('--all', 'every event')
  cli.register<{ all?: boolean }>(
    rebuild,
    async ({ context, out, args: [id], options }) => {
      const rebuilder = context.get(Rebuilder)
      const items: RebuildReport[] = []
      const failed: { eventId: string; reason: string }[] = []
      for (const event of await eventsOf(context.get(PrismaService), id)) {
        try {
          items.push(await rebuilder.rebuild(event.id, 'operator'))
        } catch (error) {
          if (!options.all || explain(error).exit === EXIT.unreachable) throw error
          failed.push({ eventId: event.id, reason: explain(error).message })
        }
      }
      out.show({ items, failed }, () =>
        out.table(
          ['EVENT', 'EPOCH', 'CORRECTED', 'SECONDS'],
          items.map(({ eventId, epoch, corrected, seconds }) => [
            eventId,
            `${epoch}`,
            corrected.join(' ') || '-',
            seconds.toFixed(3),
          ]),
        ),
      )
      for (const { eventId, reason } of failed) out.info(`${eventId} was not rebuilt: ${reason}`)
      out.next(`${PROGRAM_NAME} stock verify`)
      return failed.length > 0 ? EXIT.failed : EXIT.done
    },
    {
      redis: true,
      check: ([id], { all }) => {
        if (Boolean(id) === Boolean(all))
          throw usage('Name one event or use --all, but not both', `${PROGRAM_NAME} stock rebuild --help`)
      },
    },
  )
}

/** Throws CliError when the id names no event. */
async function eventsOf(prisma: PrismaService, id: string | undefined): Promise<{ id: string; name: string }[]> {
  const select = { id: true, name: true } as const
  if (id === undefined) return prisma.event.findMany({ select, orderBy: { id: 'asc' } })
  const event = await prisma.event.findUnique({ select, where: { id } })
  if (!event) throw noSuchEvent()
  return [event]
}

function resultCell(result: CheckResult): Cell {
  return { text: result, colour: result === 'ok' ? 'green' : result === 'different' ? 'red' : 'yellow' }
}
