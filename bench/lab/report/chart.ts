import { POLICIES, type Policy } from '../policies.js'
import type { Row } from '../study/rows.js'
import { percent } from './format.js'

const WIDTH = 860
const LEFT = 150
const RIGHT = 150
const BAR = 14
const GROUP_GAP = 18
const TOP = 56
const LOWEST = 0.4
const COLOURS: Record<Exclude<Policy, 'clairvoyant'>, string> = {
  rebalance: '#1f7a4d',
  proportional: '#b7791f',
  equal: '#8a8f98',
  'full-capacity': '#b3261e',
  'one-sells-80': '#3566a8',
  'one-sells-50': '#8fb0dd',
  reachable: '#5b4b8a',
}
type Shown = keyof typeof COLOURS
const SHOWN = POLICIES.filter((policy): policy is Shown => policy !== 'clairvoyant')

/** Bars of the mean share of clairvoyant per family and policy, with a mark where the worst twentieth begins. */
export function chartOf(rows: readonly Row[]): string {
  const families = [...new Set(rows.map(({ family }) => family))]
  const shown = SHOWN.filter((policy) => rows.some((row) => row.policy === policy))
  const groupHeight = shown.length * (BAR + 2) + GROUP_GAP
  const height = TOP + families.length * groupHeight + 24
  const groups = families.map((family, index) => {
    const y = TOP + index * groupHeight
    const bars = shown.flatMap((policy, place) => {
      const row = rows.find((candidate) => candidate.family === family && candidate.policy === policy)
      return row ? [barOf(row, COLOURS[policy], y + place * (BAR + 2))] : []
    })
    return `<text x="${LEFT - 10}" y="${y + 1.7 * BAR}" text-anchor="end" font-weight="600">${family}</text>${bars.join('')}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#222" role="img" aria-label="Tickets sold as a share of what one shared pool would have sold">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...legend(shown),
    ...axis(height),
    ...groups,
    '</svg>',
  ].join('\n')
}

function x(share: number): number {
  return LEFT + ((Math.max(LOWEST, share) - LOWEST) / (1 - LOWEST)) * (WIDTH - LEFT - RIGHT)
}

function barOf({ share: { mean, p5 }, oversold }: Row, colour: string, y: number): string {
  const bar = `<rect x="${LEFT}" y="${y}" width="${(x(mean) - LEFT).toFixed(1)}" height="${BAR}" fill="${colour}"/>`
  const mark = `<rect x="${(x(p5) - 1).toFixed(1)}" y="${y}" width="2" height="${BAR}" fill="#000"/>`
  const text = oversold > 0 ? `${oversold} tickets oversold` : `${percent(mean)} (p5 ${percent(p5)})`
  return `${bar}${mark}<text x="${WIDTH - RIGHT + 8}" y="${y + 11}">${text}</text>`
}

function legend(shown: readonly Shown[]): string[] {
  return shown.map((policy, index) => {
    const at = 20 + index * 135
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
