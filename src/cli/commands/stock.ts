import type { Command } from 'commander'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Rebuilder, type RebuildReport } from '../../inventory/rebuild.js'
import type { Cli } from '../cli.js'
import { EXIT, explain, noSuchEvent, usage } from '../exit.js'
import type { Cell } from '../output.js'
import { SELF } from '../self.js'
import { verifyStock, type Part, type StockReport } from '../stock-check.js'

/** `stock verify [ID]`, `stock rebuild ID|--all`. */
export function addStock(program: Command, cli: Cli): void {
  const stock = program.command('stock').description('Whether ledger, balances and stock gate agree')
  addVerify(stock, cli)
  addRebuild(stock, cli)
}

function addVerify(stock: Command, cli: Cli): void {
  const verify = stock
    .command('verify')
    .description('Movements add up, balances are their sum, the gate shows the same; exit 1 on any difference')
    .argument('[id]', 'left out: every event')
  cli.on(verify, async ({ station, out, args: [id] }) => {
    const events = await eventsOf(station.get(PrismaService), id)
    const items: StockReport[] = []
    for (const event of events) items.push(await verifyStock(station, event))
    out.show({ items, ok: items.every(({ ok }) => ok) }, () =>
      out.table(
        ['EVENT', 'NAME', 'MOVEMENTS', 'BALANCES', 'GATE', 'DIFFERENCE'],
        items.map(({ eventId, name, movements, balances, gate, difference }) => [
          eventId,
          name,
          ...[movements, balances, gate].map(partCell),
          difference ?? '',
        ]),
      ),
    )
    const wrong = items.filter(({ ok }) => !ok)
    if (wrong.length > 0) {
      out.next(`${SELF} stock rebuild ${wrong.length === 1 ? wrong[0]?.eventId : '--all'}`)
      return EXIT.failed
    }
    if (items.every(({ gate }) => gate !== 'unreachable')) return EXIT.done
    out.say('Redis does not answer: the gates were not compared')
    return EXIT.unreachable
  })
}

function addRebuild(stock: Command, cli: Cli): void {
  const rebuild = stock
    .command('rebuild')
    .description('Load the stock gate anew from the ledger')
    .argument('[id]')
    .option('--all', 'every event')
  cli.on<{ all?: boolean }>(
    rebuild,
    async ({ station, out, args: [id], options }) => {
      const rebuilder = station.get(Rebuilder)
      const items: RebuildReport[] = []
      const failed: { eventId: string; reason: string }[] = []
      for (const event of await eventsOf(station.get(PrismaService), id)) {
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
      for (const { eventId, reason } of failed) out.say(`${eventId} was not rebuilt: ${reason}`)
      out.next(`${SELF} stock verify`)
      return failed.length > 0 ? EXIT.failed : EXIT.done
    },
    {
      redis: true,
      check: ([id], { all }) => {
        if (Boolean(id) === Boolean(all))
          throw usage('Name one event or --all, not both and not none', `${SELF} stock rebuild --help`)
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

function partCell(part: Part): Cell {
  return { text: part, colour: part === 'ok' ? 'green' : part === 'different' ? 'red' : 'yellow' }
}
