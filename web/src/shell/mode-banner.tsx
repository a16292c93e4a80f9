import { Alert, Anchor } from '@mantine/core'
import { useMode } from '../api/queries'
import { linkTo } from '../ui/route'
import { Age } from '../ui/times'

/** On every page while nothing is sold. */
export function ModeBanner() {
  const { data: mode } = useMode()
  if (!mode || mode.mode === 'NORMAL') return null
  const { open, pending, waitlistOnly } = mode.channels
  return (
    <Alert
      color="red"
      variant="filled"
      mb="md"
      role="alert"
      title="⚠ Fail-safe mode: nothing is sold"
      className="alert-text"
    >
      {mode.forced ? 'Forced by an operator' : 'Entered automatically'}, <Age at={mode.since} />
      {mode.reason ? `: ${mode.reason}` : ''}. Channels: {waitlistOnly} on waitlist only, {pending} pending, {open}{' '}
      still open.{' '}
      <Anchor href={linkTo('alerts', 'FAIL_SAFE')} c="white" td="underline">
        What to do
      </Anchor>
    </Alert>
  )
}
