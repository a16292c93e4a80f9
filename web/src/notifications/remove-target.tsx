import { Text } from '@mantine/core'
import { remove } from '../api/client'
import { useAction } from '../ui/action'
import { ChangeDialog, ChangeForm } from '../ui/change-dialog'
import { TARGET_KINDS, type Target } from './target-kinds'

interface RemoveTargetProps {
  target: Target
}

/** Ends the notifications to a target. */
export function RemoveTarget({ target }: RemoveTargetProps) {
  const title = `Remove ${target.label}`
  return (
    <ChangeDialog
      title={title}
      label="Remove"
      name={title}
      size="compact-xs"
      form={(close) => <RemoveForm target={target} close={close} />}
    />
  )
}

function RemoveForm({ target: { id, kind, target }, close }: RemoveTargetProps & { close: () => void }) {
  const change = useAction(() => remove('/api/v1/notifications/{id}', { path: { id } }), close)
  return (
    <ChangeForm change={change} close={close} action="Remove" failure="Not removed" note={effectOn(kind)}>
      <Text size="sm" className="wrapped">
        {TARGET_KINDS[kind].name}: {target}
      </Text>
    </ChangeForm>
  )
}

function effectOn(kind: Target['kind']): string {
  const erased = kind === 'WEBHOOK' ? 'its address and its secret are erased' : 'its address is erased'
  const again = kind === 'WEBHOOK' ? ' Added again, it has another secret.' : ''
  return `Nothing more is sent there: messages that wait for it are deleted, and ${erased}.${again}`
}
