import type { Policy } from '../run.js'
import type { Row, Spread } from '../study.js'
import { percent } from './table.js'

const MEDIAN_GOAL = 0.99
const RIVALS: readonly Policy[] = ['static-equal', 'static-proportional']

/** What must never happen and did; empty: safe. In the negative control, what must happen and did not. */
export function dangers(rows: readonly Row[], unsafe: boolean): string[] {
  const ours = rows.filter(({ policy }) => policy === 'rebalance')
  if (unsafe) {
    return ours.some(({ oversold }) => oversold > 0) ? [] : ['without the exposure rule nothing was oversold']
  }
  return rows.flatMap(({ family, policy, oversold, exposedTraces, throttled }) => [
    ...(oversold > 0 ? [`${family}, ${policy}: ${oversold} tickets oversold`] : []),
    ...(exposedTraces > 0
      ? [`${family}, ${policy}: the platforms could have oversold in ${exposedTraces} traces`]
      : []),
    ...(throttled > 0 ? [`${family}, ${policy}: ${throttled} calls refused by a rate limit`] : []),
  ])
}

/** Where rebalancing misses its goals: 99 % of clairvoyant in the median trace, and ahead of both static splits. */
export function shortfalls(rows: readonly Row[]): string[] {
  return rows
    .filter(({ policy }) => policy === 'rebalance')
    .flatMap((ours) => {
      const { median } = ours.ofClairvoyant
      const low = median < MEDIAN_GOAL ? [`${ours.family}: ${percent(median)} of clairvoyant in the median trace`] : []
      const rivals = rows.filter(({ family, policy }) => family === ours.family && RIVALS.includes(policy))
      return [...low, ...rivals.flatMap((rival) => behind(ours, rival))]
    })
}

/** The median can only be level where both reach everything; the mean and the bad traces must be better. */
function behind(ours: Row, rival: Row): string[] {
  const lost = (figure: keyof Spread) =>
    figure === 'median'
      ? ours.ofClairvoyant[figure] < rival.ofClairvoyant[figure]
      : ours.ofClairvoyant[figure] <= rival.ofClairvoyant[figure]
  return (['median', 'mean', 'p5'] as const).filter(lost).map((figure) => {
    const [own, other] = [ours.ofClairvoyant[figure], rival.ofClairvoyant[figure]]
    return `${ours.family}: ${figure} ${percent(own)} is not ahead of ${rival.policy} with ${percent(other)}`
  })
}
