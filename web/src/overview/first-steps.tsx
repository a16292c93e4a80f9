import { Anchor, Button, Code, List, Text } from '@mantine/core'
import { useConnections, useDemo } from '../api/queries'
import { useMay } from '../api/session'
import { count } from '../ui/count'
import { Panel } from '../ui/panel'
import { linkTo } from '../ui/route'

/** What to do in an installation without events. */
export function FirstSteps() {
  const mayCreate = useMay('OPERATOR')
  const connected = useConnections().data?.items.length ?? 0
  const hasDemo = useDemo().data?.state === 'RUNNING'
  return (
    <Panel title="First steps">
      <List type="ordered" spacing="md" maw={720}>
        <List.Item>
          <b>Connect your accounts</b> on Meetup, Eventbrite or Luma{' '}
          <Anchor href={linkTo('system', 'connections')} underline="always">
            under System, Connections
          </Anchor>
          . {connected > 0 ? `✓ ${count(connected)} connected.` : 'Without one you can sell directly.'}
        </List.Item>
        <List.Item>
          <b>Create an event</b>, with the listings on which it is sold.
          {mayCreate ? (
            <Button component="a" href={linkTo('events', 'new')} size="xs" ml="sm">
              New event
            </Button>
          ) : (
            ' An operator can do that.'
          )}
        </List.Item>
      </List>
      {hasDemo ? null : (
        <Text size="sm" mt="md" maw={720}>
          Or try it first: started with <Code>DEMO=on</Code>, the service has simulated platforms and an event on sale
          there. The demo can be removed on any page.
        </Text>
      )}
    </Panel>
  )
}
