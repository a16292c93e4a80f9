import { NativeSelect, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { isShownAtFields, messageFor } from '../ui/form-fields'
import { labelOf } from '../ui/labels'
import { CREDENTIAL_FORMS, type ConnectedPlatform, type CredentialField } from './credential-forms'

/** What is entered: it lives as long as the form, and is shown nowhere afterwards. */
export interface Credentials {
  /** Index of the form that is filled in. */
  form: number
  values: Readonly<Record<string, string>>
}

export const NO_CREDENTIALS: Credentials = { form: 0, values: {} }

/** Of the API; what is empty is left out. */
export function credentialsBody(platform: ConnectedPlatform, { form, values }: Credentials): Record<string, string> {
  const names = fieldsOf(platform, form).map(({ name }) => name)
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '']).filter(([, value]) => value !== ''))
}

/** The error of a request with them, unless it is shown at a field. */
export function remainingError(error: unknown, platform: ConnectedPlatform, { form }: Credentials): unknown {
  const fields = fieldsOf(platform, form)
  const own = fields.length === 0 ? [] : ['credentials', ...fields.map(({ name }) => `credentials.${name}`)]
  return error && isShownAtFields(error, ['label', ...own]) ? 'See the marked field.' : error
}

interface CredentialFieldsProps {
  platform: ConnectedPlatform
  value: Credentials
  onChange: (value: Credentials) => void
  /** Of the last request. */
  error: unknown
}

/** The secrets of one account, in inputs that show and remember nothing. */
export function CredentialFields({ platform, value, onChange, error }: CredentialFieldsProps) {
  const forms = CREDENTIAL_FORMS[platform]
  const { help } = forms[value.form] ?? forms[0]
  // A message is about what was sent: it is shown until that is changed.
  const [edited, setEdited] = useState<unknown>(null)
  const refused = edited === error ? undefined : refusalOf(error, platform)
  const set = (change: Partial<Credentials>) => {
    setEdited(error)
    onChange({ ...value, ...change })
  }
  return (
    <>
      {forms.length > 1 ? (
        <NativeSelect
          label="Credentials"
          data={forms.map(({ label }, index) => ({ value: String(index), label }))}
          value={String(value.form)}
          onChange={(event) => set({ form: Number(event.currentTarget.value), values: {} })}
        />
      ) : null}
      <Text size="sm" c="dimmed">
        {help}
      </Text>
      {fieldsOf(platform, value.form).map((field, index) => (
        <SecretField
          key={field.name}
          field={field}
          value={value.values[field.name] ?? ''}
          error={messageFor(error, `credentials.${field.name}`) ?? (index === 0 ? refused : undefined)}
          onChange={(text) => set({ values: { ...value.values, [field.name]: text } })}
        />
      ))}
    </>
  )
}

interface SecretFieldProps {
  field: CredentialField
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

function SecretField({ field: { label, help, optional, long }, onChange, ...shown }: SecretFieldProps) {
  const input = {
    label,
    description: help,
    required: !optional,
    autoComplete: 'off',
    spellCheck: false,
    maxLength: 10_000,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
    ...shown,
  }
  if (long) return <Textarea autosize={false} rows={4} {...input} />
  return <TextInput type="password" {...input} />
}

function fieldsOf(platform: ConnectedPlatform, form: number): readonly CredentialField[] {
  const forms = CREDENTIAL_FORMS[platform]
  return (forms[form] ?? forms[0]).fields
}

function refusalOf(error: unknown, platform: ConnectedPlatform): string | undefined {
  return messageFor(error, 'credentials')?.replace(/^Are refused: /, `${labelOf(platform)} refuses them: `)
}
