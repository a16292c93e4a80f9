import { Badge } from '@mantine/core'
import { labelOf } from './labels'

/** Grounds on which white text is easy to read. */
export const GROUND = { good: '#1b6e2f', bad: '#b02525', warn: '#8a4b00', quiet: '#495057' }

const STATE_COLOR: Record<string, string> = {
  ON_SALE: GROUND.good,
  RED_ALARM: GROUND.bad,
  PAUSED: GROUND.warn,
  CLOSED: GROUND.quiet,
  ENDED: GROUND.quiet,
  OPEN: GROUND.good,
  WAITLIST_ONLY: GROUND.warn,
  UNKNOWN: GROUND.quiet,
  NORMAL: GROUND.good,
  FAIL_SAFE: GROUND.bad,
}
const SIGN: Record<string, string> = { RED_ALARM: '⚠ ', FAIL_SAFE: '⚠ ', PAUSED: '❚❚ ', WAITLIST_ONLY: '❚❚ ' }

/** A state as colour and text. */
export function StateBadge({ state, size = 'sm' }: { state: string; size?: 'sm' | 'lg' }) {
  return (
    <Badge color={STATE_COLOR[state] ?? GROUND.quiet} size={size} variant="filled" tt="none" className="state-badge">
      {SIGN[state] ?? ''}
      {labelOf(state)}
    </Badge>
  )
}

/** An event on simulated platforms. */
export function DemoBadge() {
  return (
    <Badge color="#364fc7" variant="filled" tt="none" className="state-badge">
      Demo
    </Badge>
  )
}
