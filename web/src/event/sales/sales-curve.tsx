import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import type { Schemas } from '../../api/client'
import { count } from '../../ui/count'
import { PLATFORM_COLOR, labelOf, type OfEachChannel } from '../../ui/labels'

interface SalesCurveProps {
  curve: Schemas['SalesCurveDto']
  zone: string
}

/** Lines of one dash pattern each, so that they can be distinguished without colours. */
const DASHES: Record<string, number[]> = {
  MEETUP: [],
  EVENTBRITE: [8, 4],
  LUMA: [2, 3],
  MANUAL: [14, 4],
  DIRECT: [10, 3, 2, 3],
} satisfies OfEachChannel<number[]>
/** The same in the legend, as far as borders have such patterns. */
const BORDERS: Record<string, string> = {
  MEETUP: 'solid',
  EVENTBRITE: 'dashed',
  LUMA: 'dotted',
  MANUAL: 'groove',
  DIRECT: 'double',
} satisfies OfEachChannel<string>
const HEIGHT = 260

export function SalesCurve({ curve, zone }: SalesCurveProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const dark = useComputedColorScheme() === 'dark'
  const platforms = curve.channels.map(({ platform }) => platform).join()
  useEffect(() => {
    if (!place.current) return undefined
    const made = new uPlot(optionsFor(platforms.split(','), zone, dark, place.current.clientWidth), [[]], place.current)
    plot.current = made
    const watch = new ResizeObserver(
      ([entry]) => entry && made.setSize({ width: entry.contentRect.width, height: HEIGHT }),
    )
    watch.observe(place.current)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [platforms, zone, dark])
  useEffect(() => {
    const times = curve.times.map((time) => new Date(time).getTime() / 1_000)
    plot.current?.setData([times, ...curve.channels.map(({ sold }) => sold)])
  }, [curve, dark, zone])
  const now = curve.channels.map(({ platform, sold }) => `${labelOf(platform)} ${count(sold.at(-1) ?? 0)}`).join(', ')
  return <div ref={place} className="curve" role="img" aria-label={`Tickets sold by channel over time; now ${now}`} />
}

function optionsFor(platforms: readonly string[], zone: string, dark: boolean, width: number): uPlot.Options {
  const axis = { stroke: dark ? '#ced4da' : '#343a40', grid: { stroke: dark ? '#495057' : '#dee2e6', width: 1 } }
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone),
    axes: [
      { ...axis, values: (_plot, splits) => splits.map((at) => clock(at, zone)) },
      { ...axis, size: 56 },
    ],
    legend: {
      live: false,
      markers: { width: 3, dash: (_plot, line) => BORDERS[platforms[line - 1] ?? ''] ?? 'solid' },
    },
    series: [
      {},
      ...platforms.map((platform) => ({
        label: labelOf(platform),
        stroke: (dark ? LIGHTER[platform] : PLATFORM_COLOR[platform]) ?? '#868e96',
        width: 2,
        dash: DASHES[platform] ?? [],
        points: { show: false },
      })),
    ],
    cursor: { drag: { x: false, y: false } },
  }
}

function clock(seconds: number, timeZone: string): string {
  const full = seconds % 60 === 0 ? {} : { second: '2-digit' as const }
  const day = seconds % 3_600 === 0 ? { day: 'numeric' as const, month: 'short' as const } : {}
  const parts = { ...day, hour: '2-digit' as const, minute: '2-digit' as const, ...full }
  return new Intl.DateTimeFormat('en-GB', { timeZone, ...parts }).format(new Date(seconds * 1_000))
}

/** The platforms' colours for dark ground. */
const LIGHTER: Record<string, string> = {
  MEETUP: '#faa2c1',
  EVENTBRITE: '#ffc078',
  LUMA: '#b197fc',
  MANUAL: '#c0eb75',
  DIRECT: '#66d9e8',
} satisfies OfEachChannel<string>
