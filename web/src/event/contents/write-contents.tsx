import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState, type FormEvent } from 'react'
import { post, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { Failure } from '../../ui/feedback'
import { fromZonedTime, toZonedTime } from '../../ui/zoned-time'
import { PlannedChanges } from './planned-changes'

type Event = Schemas['EventDto']

/** Writes title and times to all listings, after a preview of what is written where. */
export function WriteContents({ event }: { event: Event }) {
  const [opened, { open, close }] = useDisclosure()
  const title = 'Write to all listings'
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        {title}
      </Button>
      <Modal opened={opened} onClose={close} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
        <WriteForm event={event} close={close} />
      </Modal>
    </>
  )
}

function WriteForm({ event, close }: { event: Event; close: () => void }) {
  const { timezone } = event
  const [title, setTitle] = useState(event.name)
  const [start, setStart] = useState(toZonedTime(event.startsAt, timezone))
  const [end, setEnd] = useState(toZonedTime(event.endsAt, timezone))
  const [plan, setPlan] = useState<Schemas['PlannedChangesDto'] | null>(null)
  const body = () => ({ title, startsAt: fromZonedTime(start, timezone), endsAt: fromZonedTime(end, timezone) })
  const request = (preview: boolean) =>
    post('/api/v1/events/{id}/contents', { path: { id: event.id }, body: { ...body(), preview } })
  const preview = useAction(() => request(true), setPlan)
  const write = useAction(() => request(false), close)
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    if (plan === null) preview.mutate()
    else write.mutate()
  }
  /** A preview is of these values only. */
  const edit = (set: (value: string) => void) => (changed: { target: { value: string } }) => {
    set(changed.target.value)
    setPlan(null)
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput label="Title" required maxLength={200} value={title} onChange={edit(setTitle)} />
        <TextInput label="Start" type="datetime-local" required value={start} onChange={edit(setStart)} />
        <TextInput label="End" type="datetime-local" required value={end} onChange={edit(setEnd)} />
        <Text size="sm" c="dimmed">
          Times are in {timezone}. This event itself is changed under Settings.
        </Text>
        {plan === null ? null : <PlannedChanges title="What is written where" plan={plan} />}
        <Failure error={preview.error ?? write.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={preview.isPending || write.isPending}>
            {plan === null ? 'Preview' : 'Write now'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
