import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { post } from '../api/client'
import { useAction } from '../ui/action'
import { ChangeDialog, ChangeForm } from '../ui/change-dialog'
import { messageFor } from '../ui/form-fields'
import { labelOf } from '../ui/labels'
import { CredentialFields, credentialsBody, NO_CREDENTIALS, remainingError } from './credential-fields'
import { CREDENTIAL_FORMS, type ConnectedPlatform } from './credential-forms'

const PLATFORMS = Object.keys(CREDENTIAL_FORMS) as ConnectedPlatform[]

/** Connects an account. */
export function AddConnection() {
  return (
    <ChangeDialog
      title="Connect an account"
      label="Connect an account"
      size="xs"
      variant="filled"
      form={(close) => <AddForm close={close} />}
    />
  )
}

function AddForm({ close }: { close: () => void }) {
  const [platform, setPlatform] = useState<ConnectedPlatform>('EVENTBRITE')
  const [label, setLabel] = useState('')
  const [credentials, setCredentials] = useState(NO_CREDENTIALS)
  const change = useAction(() => {
    const body = { platform, label: label.trim(), credentials: credentialsBody(platform, credentials) }
    return post('/api/v1/connections', { body })
  }, close)
  return (
    <ChangeForm
      change={{ ...change, error: remainingError(change.error, platform, credentials) }}
      close={close}
      action="Connect"
      failure="Not connected"
      note={
        platform === 'MANUAL'
          ? 'Nothing is read or written anywhere.'
          : 'They are tried on the platform first, stored encrypted and never shown again. Nothing is written there until an event has a listing on this account.'
      }
    >
      <NativeSelect
        label="Platform"
        data={PLATFORMS.map((value) => ({ value, label: labelOf(value) }))}
        value={platform}
        onChange={(event) => {
          setPlatform(event.currentTarget.value as ConnectedPlatform)
          setCredentials(NO_CREDENTIALS)
        }}
      />
      <TextInput
        label="Name"
        description="What you call this account, such as “Main calendar”"
        required
        maxLength={100}
        value={label}
        error={messageFor(change.error, 'label')}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <CredentialFields
        key={platform}
        platform={platform}
        value={credentials}
        onChange={setCredentials}
        error={change.error}
      />
    </ChangeForm>
  )
}
