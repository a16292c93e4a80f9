import { percent, tickets } from '../report/format.js'
import type { Policy } from '../policies.js'
import type { Row } from './rows.js'
import type { SizeRow } from './sizes.js'

const MAX_MEDIAN_LOSS = 2
const MIN_P5 = 0.97
/** The loss at the largest size, against that at the smallest. */
const MAX_GROWTH = 2
const SAFE: readonly Policy[] = ['rebalance', 'proportional', 'equal']

/** What must never happen and did; empty: safe. With a planted fault, what must happen and did not. */
export function dangers(rows: readonly Row[], unsafe: boolean): string[] {
  const ours = rows.filter(({ policy }) => SAFE.includes(policy))
  if (unsafe) return ours.some(({ oversold }) => oversold > 0) ? [] : ['the planted fault oversold nothing']
  return ours.flatMap(({ family, policy, oversold, exposedTraces, refusedCalls }) => [
    ...(oversold > 0 ? [`${family}, ${policy}: ${oversold} tickets oversold`] : []),
    ...(exposedTraces > 0
      ? [`${family}, ${policy}: the platforms could have oversold in ${exposedTraces} traces`]
      : []),
    ...(refusedCalls > 0 ? [`${family}, ${policy}: ${refusedCalls} calls refused by a rate limit`] : []),
  ])
}

/** The goals of rebalancing that are missed. */
export function missedGoals(rows: readonly Row[], sizes: readonly SizeRow[]): string[] {
  const ours = rows.filter(({ policy }) => policy === 'rebalance')
  return [
    ...ours.flatMap((row) => {
      const { family, lost, share } = row
      const rival = rows.find((other) => other.family === family && other.policy === 'proportional')
      return [
        ...(lost.median > MAX_MEDIAN_LOSS
          ? [`${family}: ${tickets(lost.median)} tickets lost in the median trace`]
          : []),
        ...(share.p5 < MIN_P5 ? [`${family}: ${percent(share.p5)} of clairvoyant at p5`] : []),
        ...(rival ? behind(row, rival) : []),
      ]
    }),
    ...growth(sizes),
  ]
}

/** Where neither loses anything, they are level. */
function behind({ family, lost, share }: Row, rival: Row): string[] {
  const figures = [
    ['mean share', share.mean, rival.share.mean, 1, percent],
    ['p5', share.p5, rival.share.p5, 1, percent],
    ['mean of tickets lost', -lost.mean, -rival.lost.mean, 0, (value: number) => tickets(-value)],
  ] as const
  return figures
    .filter(([, own, other, nothingLost]) => own < other || (own === other && own < nothingLost))
    .map(
      ([name, own, other, , text]) =>
        `${family}: ${name} ${text(own)} is not ahead of proportional with ${text(other)}`,
    )
}

function growth(sizes: readonly SizeRow[]): string[] {
  const [first, last] = [sizes[0], sizes.at(-1)]
  if (!first || !last || last.meanLost <= MAX_GROWTH * first.meanLost) return []
  return [
    `${tickets(last.meanLost)} tickets lost with ${last.pool} seats, ${tickets(first.meanLost)} with ${first.pool}`,
  ]
}
