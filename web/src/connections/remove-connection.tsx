import { Anchor, Button, Group, List, Stack, Text } from '@mantine/core'
import { remove, type Schemas } from '../api/client'
import { useEventsOn } from '../api/queries'
import { useAction } from '../ui/action'
import { ChangeDialog, ChangeForm } from '../ui/change-dialog'
import { QueryState } from '../ui/feedback'
import { channelName } from '../ui/labels'
import { linkTo } from '../ui/route'

interface RemoveConnectionProps {
  connection: Schemas['ConnectionDto']
}

/** Removes an account, unless a live event needs it: then it shows which. */
export function RemoveConnection({ connection }: RemoveConnectionProps) {
  const title = `Remove ${connection.label}`
  return (
    <ChangeDialog
      title={title}
      label="Remove"
      name={title}
      size="compact-xs"
      form={(close) => <RemoveDialog connection={connection} close={close} />}
    />
  )
}

function RemoveDialog({ connection: { id }, close }: RemoveConnectionProps & { close: () => void }) {
  const events = useEventsOn(id)
  const change = useAction(() => remove('/api/v1/connections/{id}', { path: { id } }), close)
  const items = events.data?.items ?? []
  return (
    <QueryState query={events}>
      {items.length > 0 ? (
        <InUse connectionId={id} events={items} close={close} />
      ) : (
        <ChangeForm
          change={change}
          close={close}
          action="Remove"
          failure="Not removed"
          note="No live event uses it. Its webhooks are deleted on the platform and its credentials are erased. Past events keep what they have sold there."
        >
          {null}
        </ChangeForm>
      )}
    </QueryState>
  )
}

interface InUseProps {
  connectionId: string
  events: readonly Schemas['EventDto'][]
  close: () => void
}

function InUse({ connectionId, events, close }: InUseProps) {
  return (
    <Stack gap="sm">
      <Text size="sm">
        It cannot be removed while it sells: its listings could no longer be closed. Detach these channels first, or
        close their events.
      </Text>
      <List size="sm">
        {events.map((event) => (
          <List.Item key={event.id}>
            <Anchor href={linkTo('events', event.id)} className="event-name">
              {event.name}
            </Anchor>
            : {channelsOn(event, connectionId).join('; ')}
          </List.Item>
        ))}
      </List>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
      </Group>
    </Stack>
  )
}

function channelsOn({ channels }: Schemas['EventDto'], connectionId: string): string[] {
  const own = channels.filter((channel) => channel.connectionId === connectionId && channel.state !== 'DETACHED')
  return own.map((channel) => channelName(channel, channels))
}
