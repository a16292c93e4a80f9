import { EventQueries } from '../../events/event-queries.js'
import type { EventDto } from '../../events/event-response.dto.js'
import type { StockChannelDto, StockDto } from '../../events/stock/stock.dto.js'
import { StockView } from '../../events/stock/stock-view.js'
import type { CliContext } from '../cli-context.js'
import { orUnknown, type Cell, type Output } from '../terminal/output.js'

/** Writes one event with its stock. Throws NotFound. */
export async function showEvent(context: CliContext, out: Output, id: string): Promise<void> {
  const event = await context.get(EventQueries).get(id)
  const stock = await context.get(StockView).of(id)
  out.show(
    { ...event, stock },
    () => factsOf(out, event, stock),
    () => channelsOf(out, event, stock),
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

export function stateCell(state: string): Cell {
  if (state === 'ON_SALE') return { text: state, colour: 'green' }
  return { text: state, colour: state === 'RED_ALARM' ? 'red' : 'yellow' }
}

function modeCell(mode: string): Cell {
  return { text: mode, colour: mode === 'OPEN' ? 'green' : 'yellow' }
}
