import { NativeSelect } from '@mantine/core'
import { post, type Schemas } from '../api/client'
import { useAction } from '../ui/action'
import { ChangeDialog, ChangeForm } from '../ui/change-dialog'
import { useFields } from '../ui/form-fields'
import { AddressField, EventsField, NameField, remainingError } from './target-fields'
import { TARGET_KINDS, USUAL_EVENTS, type TargetKind } from './target-kinds'

const EMPTY = { kind: 'SLACK' as TargetKind, target: '', events: USUAL_EVENTS, label: '' }
const KINDS = Object.entries(TARGET_KINDS).map(([value, { name }]) => ({ value, label: name }))

interface AddTargetProps {
  /** Gets what only this response has: the secret of a webhook. */
  onAdded: (added: Schemas['CreatedNotificationDto']) => void
}

/** Adds a place to which notifications are sent. */
export function AddTarget({ onAdded }: AddTargetProps) {
  return (
    <ChangeDialog
      title="Add a target"
      label="Add a target"
      size="xs"
      variant="filled"
      form={(close) => <AddForm onAdded={onAdded} close={close} />}
    />
  )
}

function AddForm({ onAdded, close }: AddTargetProps & { close: () => void }) {
  const add = useAction(
    (body: Schemas['NewNotificationBody']) => post('/api/v1/notifications', { body }),
    (added) => {
      onAdded(added)
      close()
    },
  )
  const fields = useFields(EMPTY, add.error)
  const { kind, target, events, label } = fields.values
  const body = { kind, target: target.trim(), events, label: label.trim() }
  return (
    <ChangeForm
      change={{ mutate: () => add.mutate(body), isPending: add.isPending, error: remainingError(add.error) }}
      close={close}
      action="Add"
      failure="Not added"
      note="Nothing is sent there until something happens. Test it afterwards."
    >
      <NativeSelect
        label="Kind"
        data={KINDS}
        value={kind}
        onChange={(event) => {
          fields.of('kind').onChange(event.currentTarget.value as TargetKind)
          // An address is of one kind, as is the message about it.
          fields.of('target').onChange('')
        }}
      />
      <NameField {...fields.of('label')} />
      <AddressField kind={kind} {...fields.of('target')} />
      <EventsField {...fields.of('events')} />
    </ChangeForm>
  )
}
