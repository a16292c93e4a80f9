import { POLICIES, type Policy } from '../run.js'
import type { Row } from '../study.js'
import { percent } from './table.js'

const WIDTH = 860
const LEFT = 150
const RIGHT = 150
const BAR = 16
const GROUP_GAP = 18
const TOP = 56
const LOWEST = 0.4
const COLOURS: Record<Exclude<Policy, 'clairvoyant'>, string> = {
  rebalance: '#1f7a4d',
  'static-proportional': '#b7791f',
  'static-equal': '#8a8f98',
}
const SHOWN = POLICIES.filter((policy) => policy !== 'clairvoyant').toSorted((a, b) => a.localeCompare(b))

/** Bars of the mean share of clairvoyant per family and policy, with a mark where the worst twentieth begins. */
export function chartOf(rows: readonly Row[]): string {
  const families = [...new Set(rows.map(({ family }) => family))]
  const groupHeight = SHOWN.length * (BAR + 2) + GROUP_GAP
  const height = TOP + families.length * groupHeight + 24
  const groups = families.map((family, index) => {
    const y = TOP + index * groupHeight
    const bars = SHOWN.flatMap((policy, place) => {
      const row = rows.find((candidate) => candidate.family === family && candidate.policy === policy)
      return row ? [barOf(row, COLOURS[policy], y + place * (BAR + 2))] : []
    })
    return `<text x="${LEFT - 10}" y="${y + 1.7 * BAR}" text-anchor="end" font-weight="600">${family}</text>${bars.join('')}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#222" role="img" aria-label="Tickets sold as a share of what one shared pool would have sold">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...legend(),
    ...axis(height),
    ...groups,
    '</svg>',
  ].join('\n')
}

function x(share: number): number {
  return LEFT + ((Math.max(LOWEST, share) - LOWEST) / (1 - LOWEST)) * (WIDTH - LEFT - RIGHT)
}

function barOf({ ofClairvoyant: { mean, p5 } }: Row, colour: string, y: number): string {
  const bar = `<rect x="${LEFT}" y="${y}" width="${(x(mean) - LEFT).toFixed(1)}" height="${BAR}" fill="${colour}"/>`
  const mark = `<rect x="${(x(p5) - 1).toFixed(1)}" y="${y}" width="2" height="${BAR}" fill="#000"/>`
  return `${bar}${mark}<text x="${WIDTH - RIGHT + 8}" y="${y + 12}">${percent(mean)} (p5 ${percent(p5)})</text>`
}

function legend(): string[] {
  return SHOWN.map((policy, index) => {
    const at = LEFT + index * 170
    return `<rect x="${at}" y="10" width="12" height="12" fill="${COLOURS[policy]}"/><text x="${at + 18}" y="20">${policy}</text>`
  })
}

function axis(height: number): string[] {
  return [0.4, 0.6, 0.8, 1].map((share) => {
    const at = x(share).toFixed(1)
    const label = `<text x="${at}" y="${TOP - 10}" text-anchor="middle" fill="#666">${100 * share}%</text>`
    return `<line x1="${at}" x2="${at}" y1="${TOP - 5}" y2="${height - 20}" stroke="#ddd"/>${label}`
  })
}
