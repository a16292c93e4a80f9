import { Checkbox, Stack, TextInput } from '@mantine/core'
import { isShownAtFields, type FieldProps } from '../ui/form-fields'
import { inDisplayOrder, TARGET_EVENTS, TARGET_KINDS, type TargetEvent, type TargetKind } from './target-kinds'

/** As the API calls them. */
const FIELDS = ['label', 'target', 'events']

/** The error of a request with them, unless it is shown at a field. */
export function remainingError(error: unknown): unknown {
  return error && isShownAtFields(error, FIELDS) ? 'See the marked field.' : error
}

export function NameField({ onChange, ...shown }: FieldProps<string>) {
  return (
    <TextInput
      label="Name"
      description="What you call it, such as “Box office”"
      required
      maxLength={100}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...shown}
    />
  )
}

interface AddressFieldProps extends FieldProps<string> {
  kind: TargetKind
  /** Of a target that has one: as it is shown, and kept unless another one is entered. */
  present?: string
}

/** May be a secret: the browser does not remember it. */
export function AddressField({ kind, present, onChange, ...shown }: AddressFieldProps) {
  const { address, help, inputMode } = TARGET_KINDS[kind]
  const isNew = present === undefined
  return (
    <TextInput
      label={isNew ? address.charAt(0).toUpperCase() + address.slice(1) : `New ${address}`}
      description={isNew ? help : <span className="wrapped">Leave it empty to keep {present}</span>}
      required={isNew}
      inputMode={inputMode}
      autoComplete="off"
      spellCheck={false}
      maxLength={2_000}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...shown}
    />
  )
}

export function EventsField({ onChange, value, error }: FieldProps<TargetEvent[]>) {
  return (
    <Checkbox.Group
      label="Sent there"
      value={value}
      error={error}
      onChange={(events) => onChange(inDisplayOrder(events))}
    >
      <Stack gap={8} mt={4}>
        {Object.entries(TARGET_EVENTS).map(([event, { name, help }]) => (
          <Checkbox key={event} value={event} label={name} description={help} />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
