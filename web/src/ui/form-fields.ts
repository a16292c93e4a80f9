import { useState } from 'react'
import { Problem } from '../api/client'

/** What an input gets to show one value, and the API's message about it. */
export interface FieldProps<Value> {
  value: Value
  onChange: (value: Value) => void
  error: string | undefined
}

/** Values under the names that the API has for them. They stay when a request is refused. */
export interface Fields<Values> {
  values: Values
  of<Name extends keyof Values & string>(name: Name): FieldProps<Values[Name]>
  reset: (values: Values) => void
}

/** `error`: of the last request with these values. A message is shown until its value changes. */
export function useFields<Values extends object>(initial: Values, error: unknown): Fields<Values> {
  const [values, setValues] = useState(initial)
  const [edited, setEdited] = useState<{ since: unknown; names: readonly string[] }>({ since: null, names: [] })
  const isEdited = (name: string) => edited.since === error && edited.names.includes(name)
  return {
    values,
    reset: setValues,
    of: (name) => ({
      value: values[name],
      error: isEdited(name) ? undefined : messageFor(error, name),
      onChange: (value) => {
        setValues((before) => ({ ...before, [name]: value }))
        setEdited(({ since, names }) => ({ since: error, names: since === error ? [...names, name] : [name] }))
      },
    }),
  }
}

/** The API's message about a field of a request, without the name of the field. */
export function messageFor(error: unknown, name: string): string | undefined {
  if (!(error instanceof Problem)) return undefined
  const message = error.fields.find(({ field }) => field === name)?.message
  if (message === undefined) return undefined
  const text = message.replace(new RegExp(`^(\\S*\\.)?${name.split('.').at(-1)} `), '')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Whether every part of a refusal is shown at a field. */
export function isShownAtFields(error: unknown, names: readonly string[]): boolean {
  return error instanceof Problem && error.fields.length > 0 && error.fields.every(({ field }) => names.includes(field))
}
