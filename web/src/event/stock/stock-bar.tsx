import { Text } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { count } from '../../ui/count'
import { PLATFORM_COLOR, channelName, inDisplayOrder } from '../../ui/labels'

interface Part {
  key: string
  label: string
  units: number
  kind: 'sold' | 'allocated' | 'held' | 'transit' | 'safety' | 'free'
  color: string
}

/** Where every unit of the capacity is. The parts always add up to the capacity (plus what is oversold). */
export function partsOf(stock: Schemas['StockDto']): Part[] {
  const color = (platform: string) => PLATFORM_COLOR[platform] ?? '#495057'
  const channels = inDisplayOrder(stock.channels)
  const sold = channels.map((channel): Part => {
    const label = `${channelName(channel, channels)}, sold`
    return { key: `sold-${channel.id}`, label, units: channel.sold, kind: 'sold', color: color(channel.platform) }
  })
  const allocated = channels.map((channel): Part => {
    const label = `${channelName(channel, channels)}, to sell`
    const part = { units: channel.allocation, kind: 'allocated', color: color(channel.platform) } as const
    return { key: `allocated-${channel.id}`, label, ...part }
  })
  return [
    ...sold,
    { key: 'held', label: 'Held', units: stock.held, kind: 'held', color: '#e67700' },
    ...allocated,
    { key: 'transit', label: 'In transit', units: stock.inTransit, kind: 'transit', color: '#868e96' },
    { key: 'safety', label: 'Safety stock', units: stock.safetyStock.remaining, kind: 'safety', color: '#2b8a3e' },
    { key: 'free', label: 'Unallocated', units: stock.unallocated, kind: 'free', color: '#adb5bd' },
  ]
}

/** The capacity as one bar. `compact`: without the legend. */
export function StockBar({ stock, compact = false }: { stock: Schemas['StockDto']; compact?: boolean }) {
  const parts = partsOf(stock).filter(({ units }) => units > 0)
  const total = parts.reduce((sum, { units }) => sum + units, 0)
  const description = parts.map(({ label, units }) => `${label}: ${count(units)}`).join('; ')
  return (
    <div>
      <svg
        viewBox="0 0 1000 40"
        preserveAspectRatio="none"
        className={compact ? 'stock-bar compact' : 'stock-bar'}
        role="img"
        aria-label={description}
      >
        <Patterns />
        {parts.map((part, index) => {
          const before = parts.slice(0, index).reduce((sum, { units }) => sum + units, 0)
          const x = (before / total) * 1_000
          const width = (part.units / total) * 1_000
          return (
            <g key={part.key}>
              <title>{`${part.label}: ${count(part.units)}`}</title>
              <rect x={x} width={width} height={40} fill={part.color} className="part" data-kind={part.kind} />
              {part.kind === 'safety' ? <rect x={x} width={width} height={40} fill="url(#hatch)" /> : null}
            </g>
          )
        })}
        <Threshold at={stock.softCap.threshold / Math.max(total, 1)} />
      </svg>
      {compact ? null : <Legend parts={parts} total={total} stock={stock} />}
    </div>
  )
}

function Patterns() {
  return (
    <defs>
      <pattern id="hatch" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line x1="0" y1="0" x2="0" y2="10" stroke="#fff" strokeWidth="5" strokeOpacity="0.55" />
      </pattern>
    </defs>
  )
}

/** Where the red alarm comes. */
function Threshold({ at }: { at: number }) {
  return <line x1={at * 1_000} x2={at * 1_000} y1={0} y2={40} className="threshold" vectorEffect="non-scaling-stroke" />
}

/** One entry per channel, with what it has sold and may still sell; then where the rest is. */
function Legend({ parts, total, stock }: { parts: readonly Part[]; total: number; stock: Schemas['StockDto'] }) {
  const channels = inDisplayOrder(stock.channels).map((channel) => ({
    id: channel.id,
    name: channelName(channel, stock.channels),
    sold: parts.find(({ key }) => key === `sold-${channel.id}`),
    allocated: parts.find(({ key }) => key === `allocated-${channel.id}`),
  }))
  const others = parts.filter(({ kind }) => kind !== 'sold' && kind !== 'allocated')
  return (
    <>
      <ul className="legend">
        {channels.map(({ id, name, sold, allocated }) =>
          sold || allocated ? (
            <li key={id}>
              <b>{name}</b>
              <span className="units">
                {sold ? <Entry part={sold} word="sold" /> : null}
                {allocated ? <Entry part={allocated} word="to sell" /> : null}
              </span>
            </li>
          ) : null,
        )}
        {others.map((part) => (
          <li key={part.key}>
            <b>{part.label}</b>
            <Entry part={part} />
          </li>
        ))}
      </ul>
      <Text size="sm" c="dimmed">
        Adds up to {count(total)} of {count(stock.capacity)}
        {stock.oversold > 0 ? ` and ${count(stock.oversold)} oversold` : ''}. The mark is the soft cap of{' '}
        {count(stock.softCap.threshold)}.
      </Text>
    </>
  )
}

function Entry({ part, word }: { part: Part; word?: string }) {
  return (
    <span>
      <svg width="14" height="14" aria-hidden className="swatch">
        <rect width="14" height="14" fill={part.color} className="part" data-kind={part.kind} />
        {part.kind === 'safety' ? <rect width="14" height="14" fill="url(#hatch)" /> : null}
      </svg>
      <span className="figure">{count(part.units)}</span> {word}
    </span>
  )
}
