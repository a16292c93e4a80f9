import { Anchor, Text } from '@mantine/core'
import { useMay } from '../api/session'
import { Panel } from '../ui/panel'

export function QueueLink() {
  const may = useMay('ADMIN')
  return (
    <Panel title="For engineers">
      <Text size="sm">
        {may ? (
          <Anchor href="/admin/queues" target="_blank" rel="noreferrer">
            Queues
          </Anchor>
        ) : (
          'Queues: for admins'
        )}
        {' · '}
        <Anchor href="/docs">API</Anchor>
        {' · '}
        <Anchor href="/metrics">Metrics</Anchor>
        {' · '}
        <Anchor href="/health/ready">Health</Anchor>
      </Text>
    </Panel>
  )
}
