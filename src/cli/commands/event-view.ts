import type { DoorDto } from '../../door/attendance/attendance.dto.js'
import { Attendance } from '../../door/attendance/attendance.js'
import { EventQueries } from '../../events/event-queries.js'
import type { EventDto } from '../../events/event-response.dto.js'
import type { StockChannelDto, StockDto } from '../../events/stock/stock.dto.js'
import { StockView } from '../../events/stock/stock-view.js'
import type { CliContext } from '../cli-context.js'
import { orUnknown, type Cell, type Output } from '../terminal/output.js'

/** Writes one event with its stock, and who is in. Throws NotFound. */
export async function showEvent(context: CliContext, out: Output, id: string): Promise<void> {
  const event = await context.get(EventQueries).get(id)
  const stock = await context.get(StockView).of(id)
  const door = await context.get(Attendance).of(id)
  out.show(
    { ...event, stock, door },
    () => factsOf(out, event, stock, door),
    () => channelsOf(out, event, stock, door),
  )
}

function factsOf(out: Output, event: EventDto, stock: StockDto, door: DoorDto): string {
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
    ['attended', `${door.checkedIn} of ${door.sold} sold, ${door.inTheRoom} in the room`],
    ['available', `${stock.available}`],
    ['safety stock', `${safetyStock.remaining} of ${safetyStock.total}`],
    ['soft cap', `${softCap.threshold}${softCap.redAlarm ? ', red alarm' : ''}`],
    ['oversold', stock.oversold > 0 ? { text: `${stock.oversold}`, colour: 'red' } : '0'],
    ['as of', `${stock.asOf}, epoch ${stock.epoch}`],
  ])
}

function channelsOf(out: Output, event: EventDto, { channels }: StockDto, door: DoorDto): string {
  const attended = new Map(door.channels.map((channel) => [channel.channelId, channel.attended]))
  const errors = new Map(event.channels.map(({ id, syncError }) => [id, syncError]))
  const row = (channel: StockChannelDto): Cell[] => [
    channel.platform,
    modeCell(channel.mode),
    `${channel.sold}`,
    `${attended.get(channel.id) ?? 0}`,
    `${channel.allocation}`,
    ...(channel.platform === 'DIRECT'
      ? ['-', '-', '-']
      : [channel.desiredCap, channel.confirmedCap, channel.exposure].map(orUnknown)),
    errors.get(channel.id) ?? '',
  ]
  return out.table(
    ['CHANNEL', 'MODE', 'SOLD', 'ATTENDED', 'ALLOCATED', 'DESIRED CAP', 'CONFIRMED', 'EXPOSURE', 'ERROR'],
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
