import { Option, type Command } from 'commander'
import { capacityOf, soldTotal } from '../../domain/stock/ledger-account.js'
import { EVENT_STATES, type EventState } from '../../domain/events/event-state.js'
import type { EventDto } from '../../events/event-response.dto.js'
import { EventQueries } from '../../events/event-queries.js'
import type { StockChannelDto, StockDto } from '../../events/stock/stock.dto.js'
import { StockView } from '../../events/stock/stock-view.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { balancesOf, WITH_BALANCES } from '../../infrastructure/prisma/balance-rows.js'
import type { Cli } from '../cli.js'
import { limitOption, pagesOf } from '../terminal/lists.js'
import { orUnknown, type Cell, type Output } from '../terminal/output.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'

interface ListOptions {
  limit: number
  state?: EventState
}

/** `events list`, `events show ID`. */
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
    const event = await context.get(EventQueries).get(id)
    const stock = await context.get(StockView).of(id)
    out.show(
      { ...event, stock },
      () => factsOf(out, event, stock),
      () => channelsOf(out, event, stock),
    )
    out.next(`${PROGRAM_NAME} stock verify ${id}`)
  })
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

function factsOf(out: Output, event: EventDto, stock: StockDto): string {
  const { safetyStock, softCap } = stock
  return out.facts([
    ['event', `${event.name} (${event.id})`],
    ['starts', `${event.startsAt} (${event.timezone})`],
    ['state', stateCell(event.state)],
    [
      'capacity',
      event.capacity === event.targetCapacity
        ? `${stock.capacity}`
        : `${stock.capacity}, target ${event.targetCapacity}`,
    ],
    ['sold, held', `${stock.sold}, ${stock.held}`],
    ['available', `${stock.available}`],
    ['safety stock', `${safetyStock.remaining} of ${safetyStock.total}`],
    ['soft cap', `${softCap.threshold}${softCap.redAlarm ? ', red alarm' : ''}`],
    ['oversold', stock.oversold > 0 ? { text: `${stock.oversold}`, colour: 'red' } : '0'],
    ['as of', `${stock.asOf}, epoch ${stock.epoch}`],
  ])
}

function channelsOf(out: Output, event: EventDto, { channels }: StockDto): string {
  const errors = new Map(event.channels.map(({ id, syncError }) => [id, syncError]))
  const row = (channel: StockChannelDto): Cell[] => [
    channel.platform,
    modeCell(channel.mode),
    `${channel.sold}`,
    `${channel.allocation}`,
    ...(channel.platform === 'DIRECT'
      ? ['-', '-', '-']
      : [channel.desiredCap, channel.confirmedCap, channel.exposure].map(orUnknown)),
    errors.get(channel.id) ?? '',
  ]
  return out.table(
    ['CHANNEL', 'MODE', 'SOLD', 'ALLOCATED', 'DESIRED CAP', 'CONFIRMED', 'EXPOSURE', 'ERROR'],
    channels.map(row),
  )
}

function stateCell(state: string): Cell {
  if (state === 'ON_SALE') return { text: state, colour: 'green' }
  return { text: state, colour: state === 'RED_ALARM' ? 'red' : 'yellow' }
}

function modeCell(mode: string): Cell {
  return { text: mode, colour: mode === 'OPEN' ? 'green' : 'yellow' }
}
