import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { post, type Schemas } from '../../api/client'
import { ChangeDialog } from '../../ui/change-dialog'
import { fromZonedTime, toZonedTime } from '../../ui/zoned-time'
import { PreviewedForm, usePreviewed } from './previewed-form'

type Event = Schemas['EventDto']

/** Writes title and times to all listings, after a preview of what is written where. */
export function WriteContents({ event }: { event: Event }) {
  const title = 'Write to all listings'
  const form = (close: () => void) => <WriteForm event={event} close={close} />
  return <ChangeDialog title={title} label={title} size="xs" form={form} />
}

function WriteForm({ event, close }: { event: Event; close: () => void }) {
  const { timezone } = event
  const [title, setTitle] = useState(event.name)
  const [start, setStart] = useState(toZonedTime(event.startsAt, timezone))
  const [end, setEnd] = useState(toZonedTime(event.endsAt, timezone))
  const body = () => ({ title, startsAt: fromZonedTime(start, timezone), endsAt: fromZonedTime(end, timezone) })
  const change = usePreviewed(
    (preview) => post('/api/v1/events/{id}/contents', { path: { id: event.id }, body: { ...body(), preview } }),
    close,
  )
  /** A preview is of these values only. */
  const edit = (set: (value: string) => void) => (changed: { target: { value: string } }) => {
    set(changed.target.value)
    change.discard()
  }
  const texts = { title: 'What is written where', action: 'Write now', back: 'Cancel' }
  return (
    <PreviewedForm change={change} close={close} {...texts}>
      <TextInput label="Title" required maxLength={200} value={title} onChange={edit(setTitle)} />
      <TextInput label="Start" type="datetime-local" required value={start} onChange={edit(setStart)} />
      <TextInput label="End" type="datetime-local" required value={end} onChange={edit(setEnd)} />
      <Text size="sm" c="dimmed">
        Times are in {timezone}. This event itself is changed under Settings.
      </Text>
    </PreviewedForm>
  )
}
