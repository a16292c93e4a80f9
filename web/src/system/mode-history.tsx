import { List, Text } from '@mantine/core'
import { useTransitions } from '../api/queries'
import { QueryState, Nothing } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { Panel } from '../ui/panel'
import { Instant } from '../ui/times'

const CAUSES: Record<string, string> = {
  redis: 'Redis did not respond',
  forced: 'forced',
  released: 'no longer forced',
  recovered: 'recovered',
}

/** When the mode changed, and why. */
export function ModeHistory() {
  const transitions = useTransitions()
  const items = transitions.data?.items ?? []
  return (
    <Panel title="Mode changes, newest first" asOf={transitions}>
      <QueryState query={transitions}>
        {items.length === 0 ? <Nothing>No mode changes.</Nothing> : null}
        <List size="sm" listStyleType="none" spacing={4}>
          {items.map(({ id, mode, cause, reason, actor, at }) => (
            <List.Item key={id}>
              <Instant at={at} seconds />: <b>{labelOf(mode)}</b>, {CAUSES[cause] ?? cause}
              {actor ? ` by ${actor}` : ''}
              {reason ? (
                <Text span inherit c="dimmed">
                  {' '}
                  ({reason})
                </Text>
              ) : null}
            </List.Item>
          ))}
        </List>
      </QueryState>
    </Panel>
  )
}
