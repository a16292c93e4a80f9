import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { post, type Schemas } from '../../api/client'
import { ChangeDialog } from '../../ui/change-dialog'
import { PreviewedForm, usePreviewed } from './previewed-form'

type Event = Schemas['EventDto']

/** Cancels the listings of a closed event, after a preview of what each platform does and what a person has to do. */
export function CancelListings({ event }: { event: Event }) {
  const title = 'Cancel all listings'
  const form = (close: () => void) => <CancelForm event={event} close={close} />
  return <ChangeDialog title={title} label={title} size="xs" color="red" variant="outline" form={form} />
}

function CancelForm({ event, close }: { event: Event; close: () => void }) {
  const [reason, setReason] = useState('')
  const change = usePreviewed(
    (preview) =>
      post('/api/v1/events/{id}/cancel-listings', { path: { id: event.id }, body: { reason: reason.trim(), preview } }),
    close,
  )
  const texts = { title: 'What is cancelled where', action: 'Cancel the listings now', back: 'Back' }
  return (
    <PreviewedForm change={change} close={close} color="red" {...texts}>
      <Text size="sm">
        Everybody who has a ticket learns it from the platform that sold it. A cancelled listing cannot be opened again.
      </Text>
      <TextInput
        label="Reason"
        description="Kept in the audit log"
        required
        maxLength={500}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
    </PreviewedForm>
  )
}
