import { Group, Text } from '@mantine/core'
import { post } from '../api/client'
import { useMode } from '../api/queries'
import { useMay } from '../api/session'
import { ConfirmButton } from '../ui/confirm'
import { count } from '../ui/count'
import { QueryState } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { StateBadge } from '../ui/state-badge'
import { Age } from '../ui/times'

/** The system mode, its cause, and the two actions. */
export function ModePanel() {
  const query = useMode()
  const may = useMay('OPERATOR')
  const mode = query.data
  return (
    <Panel title="Mode" asOf={query}>
      <QueryState query={query}>
        {mode ? (
          <>
            <Group gap="sm" mb="xs">
              <StateBadge state={mode.mode} size="lg" />
              <Text size="sm">
                {mode.forced ? 'forced by an operator, ' : ''}last changed <Age at={mode.since} />
              </Text>
            </Group>
            {mode.reason ? <Text size="sm">Cause: {mode.reason}</Text> : null}
            <Text size="sm" mb="md">
              Channels: {count(mode.channels.open)} open, {count(mode.channels.waitlistOnly)} on waitlist only,{' '}
              {count(mode.channels.pending)} pending.
            </Text>
            {may ? <ModeActions mode={mode} /> : null}
          </>
        ) : null}
      </QueryState>
    </Panel>
  )
}

function ModeActions({ mode }: { mode: NonNullable<ReturnType<typeof useMode>['data']> }) {
  const { open, pending, waitlistOnly } = mode.channels
  const all = open + pending + waitlistOnly
  // Two buttons, each with its own dialog: the new mode may arrive on the stream before the response of the old button.
  if (mode.mode === 'FAIL_SAFE' && mode.forced) {
    return (
      <ConfirmButton
        key="end"
        label="Exit fail-safe mode"
        word="sell again"
        color="#1864ab"
        withReason
        plan={[
          'Every stock gate is rebuilt from the ledger.',
          'Stored webhooks are processed, and every platform is read.',
          `Then caps are written again and up to ${count(all)} channels reopen.`,
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
        `${count(open + pending)} channels are set to waitlist only; ${count(waitlistOnly)} are closed already.`,
        'Holds and direct sales are refused. The waitlist stays open.',
        'Fail-safe mode stays on until an operator exits it.',
      ]}
      work={(reason) => post('/api/v1/system/mode', { body: { mode: 'FAIL_SAFE', reason } })}
    />
  )
}
