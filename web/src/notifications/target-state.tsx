import { Text } from '@mantine/core'
import { Age } from '../ui/times'
import type { AwaitedTest } from './awaited-tests'
import type { Target } from './target-kinds'

interface TargetStateProps {
  target: Target
  test: AwaitedTest | undefined
}

/** Whether messages arrive, and when the last one did and did not. */
export function TargetState({ target, test }: TargetStateProps) {
  const { state, lastSuccessAt, lastErrorAt, lastError } = target
  return (
    <>
      <span role="status" className={state === 'FAILING' && !test ? 'wrapped on-danger' : 'wrapped'}>
        {test ? 'Sending a test message…' : inWords(target)}
      </span>
      {test ? <Line at={test.queuedAt}>Queued</Line> : null}
      {lastSuccessAt ? <Line at={lastSuccessAt}>Last message accepted</Line> : null}
      {lastErrorAt ? (
        <Line at={lastErrorAt}>{state === 'FAILING' ? 'Last error' : `Last error (${lastError})`}</Line>
      ) : null}
    </>
  )
}

function inWords({ state, lastError }: Target): string {
  if (state === 'UNTRIED') return 'Nothing sent yet'
  if (state === 'DELIVERING') return '✓ Messages are accepted'
  return `⚠ Messages are not accepted: ${lastError ?? 'no response'}`
}

function Line({ at, children }: { at: string; children: string }) {
  return (
    <Text size="xs" c="dimmed" className="wrapped">
      {children} <Age at={at} />
    </Text>
  )
}
