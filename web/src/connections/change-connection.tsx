import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { patch, type Schemas } from '../api/client'
import { useAction } from '../ui/action'
import { ChangeDialog, ChangeForm } from '../ui/change-dialog'
import { messageFor } from '../ui/form-fields'
import { CredentialFields, credentialsBody, NO_CREDENTIALS, remainingError } from './credential-fields'

interface ChangeConnectionProps {
  connection: Schemas['ConnectionDto']
}

/** Renames an account, and replaces its credentials. */
export function ChangeConnection({ connection }: ChangeConnectionProps) {
  const title = `Change ${connection.label}`
  return (
    <ChangeDialog
      title={title}
      label="Change"
      name={title}
      size="compact-xs"
      form={(close) => <ChangeConnectionForm connection={connection} close={close} />}
    />
  )
}

function ChangeConnectionForm({
  connection: { id, platform, label: before },
  close,
}: ChangeConnectionProps & { close: () => void }) {
  const [label, setLabel] = useState(before)
  const [isReplaced, setIsReplaced] = useState(false)
  const [credentials, setCredentials] = useState(NO_CREDENTIALS)
  const change = useAction(() => {
    const replaced = isReplaced ? { credentials: credentialsBody(platform, credentials) } : {}
    return patch('/api/v1/connections/{id}', { path: { id }, body: { label: label.trim(), ...replaced } })
  }, close)
  return (
    <ChangeForm
      change={{ ...change, error: remainingError(change.error, platform, credentials) }}
      close={close}
      action="Save the connection"
      note={
        isReplaced
          ? 'For the same account: its listings are read and written with the new credentials from now on. Refused ones replace nothing.'
          : 'The name is shown with its listings.'
      }
    >
      <TextInput
        label="Name"
        required
        maxLength={100}
        value={label}
        error={messageFor(change.error, 'label')}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      {platform === 'MANUAL' ? null : (
        <Checkbox
          label="Replace the credentials"
          description="The stored ones cannot be shown, only replaced."
          checked={isReplaced}
          onChange={(event) => {
            setIsReplaced(event.currentTarget.checked)
            setCredentials(NO_CREDENTIALS)
          }}
        />
      )}
      {isReplaced ? (
        <CredentialFields platform={platform} value={credentials} onChange={setCredentials} error={change.error} />
      ) : null}
    </ChangeForm>
  )
}
