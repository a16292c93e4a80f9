import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState, type FormEvent } from 'react'
import { post, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { Failure } from '../../ui/feedback'
import { PlannedChanges } from './planned-changes'

type Event = Schemas['EventDto']

/** Cancels the listings of a closed event, after a preview of what each platform does and what a person has to do. */
export function CancelListings({ event }: { event: Event }) {
  const [opened, { open, close }] = useDisclosure()
  const title = 'Cancel all listings'
  return (
    <>
      <Button size="xs" color="red" variant="outline" onClick={open}>
        {title}
      </Button>
      <Modal opened={opened} onClose={close} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
        <CancelForm event={event} close={close} />
      </Modal>
    </>
  )
}

function CancelForm({ event, close }: { event: Event; close: () => void }) {
  const [reason, setReason] = useState('')
  const [plan, setPlan] = useState<Schemas['PlannedChangesDto'] | null>(null)
  const request = (preview: boolean) =>
    post('/api/v1/events/{id}/cancel-listings', { path: { id: event.id }, body: { reason: reason.trim(), preview } })
  const preview = useAction(() => request(true), setPlan)
  const cancel = useAction(() => request(false), close)
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    if (plan === null) preview.mutate()
    else cancel.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          Everybody who has a ticket learns it from the platform that sold it. A cancelled listing cannot be opened
          again.
        </Text>
        <TextInput
          label="Reason"
          description="Kept in the audit log"
          required
          maxLength={500}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
        {plan === null ? null : <PlannedChanges title="What is cancelled where" plan={plan} />}
        <Failure error={preview.error ?? cancel.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Back
          </Button>
          <Button type="submit" color={plan === null ? 'blue' : 'red'} loading={preview.isPending || cancel.isPending}>
            {plan === null ? 'Preview' : 'Cancel the listings now'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
