import { patch, type Schemas } from '../api/client'
import { useAction } from '../ui/action'
import { ChangeDialog, ChangeForm } from '../ui/change-dialog'
import { useFields } from '../ui/form-fields'
import { AddressField, EventsField, NameField, remainingError } from './target-fields'
import type { Target, TargetKind } from './target-kinds'

interface ChangeTargetProps {
  target: Target
}

/** Changes what is sent to a target, its name and its address. */
export function ChangeTarget({ target }: ChangeTargetProps) {
  const title = `Change ${target.label}`
  return (
    <ChangeDialog
      title={title}
      label="Change"
      name={title}
      size="compact-xs"
      form={(close) => <ChangeTargetForm target={target} close={close} />}
    />
  )
}

function ChangeTargetForm({ target: before, close }: ChangeTargetProps & { close: () => void }) {
  const { id, kind } = before
  const change = useAction(
    (body: Schemas['PatchNotificationBody']) => patch('/api/v1/notifications/{id}', { path: { id }, body }),
    close,
  )
  const fields = useFields({ label: before.label, target: '', events: before.events }, change.error)
  const { label, events } = fields.values
  const target = fields.values.target.trim()
  const body = { label: label.trim(), events, ...(target && { target }) }
  return (
    <ChangeForm
      change={{ mutate: () => change.mutate(body), isPending: change.isPending, error: remainingError(change.error) }}
      close={close}
      action="Save the target"
      note={target === '' ? 'For messages from now on.' : noteOfAddress(kind)}
    >
      <NameField {...fields.of('label')} />
      <AddressField kind={kind} present={before.target} {...fields.of('target')} />
      <EventsField {...fields.of('events')} />
    </ChangeForm>
  )
}

function noteOfAddress(kind: TargetKind): string {
  const secret = kind === 'WEBHOOK' ? ' The secret that signs them stays the same.' : ''
  return `Messages that have not been sent yet go to the new address, too.${secret}`
}
