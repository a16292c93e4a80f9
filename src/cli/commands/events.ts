import { Option, type Command } from 'commander'
import { capacityOf, soldTotal } from '../../domain/stock/ledger-account.js'
import { EVENT_STATES, type EventState } from '../../domain/events/event-state.js'
import type { EventDto } from '../../events/event-response.dto.js'
import { EventQueries } from '../../events/event-queries.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { balancesOf, WITH_BALANCES } from '../../infrastructure/prisma/balance-rows.js'
import type { Cli } from '../cli.js'
import { limitOption, pagesOf } from '../terminal/lists.js'
import { orUnknown } from '../terminal/output.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'
import { addEventCreate } from './event-create.js'
import { showEvent, stateCell } from './event-view.js'

interface ListOptions {
  limit: number
  state?: EventState
}

/** `events list`, `events show ID`, `events create --from FILE`. */
export function addEvents(program: Command, cli: Cli): void {
  const events = program.command('events').description('Events and their stock')
  const list = events.command('list').description('List events, newest first').addOption(limitOption())
  list.addOption(new Option('--state <state>', 'only events in this state').choices(EVENT_STATES))
  cli.register<ListOptions>(list, async ({ context, out, options }) => {
    const queries = context.get(EventQueries)
    const { state } = options
    const page = await pagesOf(options.limit, (part) => queries.list({ ...part, ...(state ? { state } : {}) }))
    const counts = await countsOf(context.get(PrismaService), page.items)
    const items = page.items.map((event) => ({ ...event, ...counts.get(event.id) }))
    out.show({ items, nextCursor: page.nextCursor }, () =>
      out.table(
        ['ID', 'NAME', 'STARTS', 'STATE', 'SOLD', 'HELD', 'CAPACITY'],
        items.map((event) => [
          event.id,
          event.name,
          event.startsAt,
          stateCell(event.state),
          orUnknown(event.sold),
          orUnknown(event.held),
          `${event.capacity}`,
        ]),
      ),
    )
    if (items.length > 0) out.next(`${PROGRAM_NAME} events show ID`)
  })
  const show = events.command('show').description('Show one event with its stock').argument('<id>')
  cli.register(show, async ({ context, out, args: [id = ''] }) => {
    await showEvent(context, out, id)
    out.next(`${PROGRAM_NAME} stock verify ${id}`)
  })
  addEventCreate(events, cli)
}

async function countsOf(prisma: PrismaService, events: readonly EventDto[]) {
  const rows = await prisma.eventLedger.findMany({
    where: { eventId: { in: events.map(({ id }) => id) } },
    ...WITH_BALANCES,
  })
  return new Map(
    rows.map((row) => {
      const balances = balancesOf(row)
      return [row.eventId, { sold: soldTotal(balances), held: balances.HELD, capacity: capacityOf(balances) }]
    }),
  )
}
