import { Group, Text } from '@mantine/core'
import { post } from '../api/client'
import { useMode } from '../api/queries'
import { useMay } from '../api/session'
import { ConfirmButton } from '../ui/confirm'
import { Answer } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { Age } from '../ui/times'
import { count, StateBadge } from '../ui/words'

/** Whether the system sells, why not, and the two levers. */
export function ModePanel() {
  const query = useMode()
  const may = useMay('OPERATOR')
  const mode = query.data
  return (
    <Panel title="Mode" asOf={query}>
      <Answer query={query}>
        {mode ? (
          <>
            <Group gap="sm" mb="xs">
              <StateBadge state={mode.mode} size="lg" />
              <Text size="sm">
                {mode.forced ? 'forced by hand, ' : ''}last changed <Age at={mode.since} />
              </Text>
            </Group>
            {mode.reason ? <Text size="sm">Cause: {mode.reason}</Text> : null}
            <Text size="sm" mb="md">
              Channels: {count(mode.channels.open)} open, {count(mode.channels.waitlistOnly)} on waitlist only,{' '}
              {count(mode.channels.pending)} not yet as wanted.
            </Text>
            {may ? <Levers mode={mode} /> : null}
          </>
        ) : null}
      </Answer>
    </Panel>
  )
}

function Levers({ mode }: { mode: NonNullable<ReturnType<typeof useMode>['data']> }) {
  const { open, pending, waitlistOnly } = mode.channels
  const all = open + pending + waitlistOnly
  // Two levers, each with a dialog of its own: the news of the new mode may come before the answer of the old lever.
  if (mode.mode === 'FAIL_SAFE' && mode.forced) {
    return (
      <ConfirmButton
        key="end"
        label="Let fail-safe mode end"
        word="sell again"
        color="#1864ab"
        withReason
        plan={[
          'Every stock gate is rebuilt from the ledger.',
          'Deliveries that were kept meanwhile are taken in, and every platform is read.',
          `Then caps are written anew and up to ${count(all)} channels open again.`,
        ]}
        work={(reason) => post('/api/v1/system/mode', { body: { mode: 'NORMAL', reason } })}
      />
    )
  }
  return (
    <ConfirmButton
      key="force"
      label="Force fail-safe mode"
      word="stop selling"
      withReason
      plan={[
        `Waitlist only is sent to ${count(open + pending)} channels; ${count(waitlistOnly)} are closed already.`,
        'Holds and direct sales are refused. The waitlist stays open.',
        'It stays so until somebody lets it end.',
      ]}
      work={(reason) => post('/api/v1/system/mode', { body: { mode: 'FAIL_SAFE', reason } })}
    />
  )
}
