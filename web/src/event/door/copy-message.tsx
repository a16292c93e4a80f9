import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { ChangeDialog } from '../../ui/change-dialog'
import { labelOf } from '../../ui/labels'
import { messageTo, type SecondSeat } from './second-seat'

/** Where a platform has no API for it: a message for the person, to be sent there. */
export function CopyMessage(seat: SecondSeat) {
  const { attendee } = seat
  const label = `Message on ${labelOf(attendee.platform)}`
  const title = `${label}: ${attendee.name ?? attendee.email ?? 'without a name'}`
  return (
    <ChangeDialog title={title} label={label} name={title} size="compact-xs" form={() => <Message seat={seat} />} />
  )
}

function Message({ seat }: { seat: SecondSeat }) {
  const clipboard = useClipboard()
  const message = messageTo(seat)
  const { email, platform } = seat.attendee
  return (
    <Stack gap="sm">
      <Textarea
        label="Message"
        readOnly
        autosize
        value={message}
        // Without https browsers have no clipboard for pages.
        error={clipboard.error ? 'The browser does not copy it: copy the marked text.' : undefined}
        onFocus={(event) => event.currentTarget.select()}
      />
      <Text size="sm" c="dimmed" className="wrapped">
        {email ? `Send it to ${email}, or on ${labelOf(platform)}.` : `Send it on ${labelOf(platform)}.`} The seat is
        free here once it is cancelled there.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => clipboard.copy(message)}>
          {clipboard.copied ? '✓ Copied' : 'Copy'}
        </Button>
      </Group>
    </Stack>
  )
}
