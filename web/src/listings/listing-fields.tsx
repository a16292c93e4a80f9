import { NumberInput, Select, TextInput } from '@mantine/core'
import { labelOf } from '../ui/labels'
import { messageFor } from '../ui/form-fields'
import { PLATFORMS, type ListingValues } from './listing-values'

interface ListingFieldsProps {
  values: ListingValues
  onChange: (values: ListingValues) => void
  /** Of the last request. */
  error: unknown
  /** Where the listing is in the request, `channels.0.`; nothing: it is all of it. */
  at?: string
}

/** The choice of one listing, and its share. The only place where a listing is chosen. */
export function ListingFields({ values, onChange, error, at = '' }: ListingFieldsProps) {
  const isManual = values.platform === 'MANUAL'
  const of = (name: Exclude<keyof ListingValues, 'platform' | 'weight'>) => ({
    value: values[name],
    error: messageFor(error, `${at}${name}`),
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...values, [name]: event.currentTarget.value }),
  })
  return (
    <>
      <Select
        label="Platform"
        data={PLATFORMS.map((value) => ({ value, label: labelOf(value) }))}
        allowDeselect={false}
        value={values.platform}
        error={messageFor(error, `${at}platform`)}
        onChange={(platform) => onChange({ ...values, platform: platform ?? values.platform })}
      />
      <TextInput
        label={isManual ? 'Address or name of the list' : 'Id of the listing'}
        description={isManual ? 'You set its cap there, and confirm it here' : 'As in its address on the platform'}
        required
        maxLength={200}
        {...of('externalEventId')}
      />
      {isManual ? null : (
        <TextInput
          label="Id of a ticket type"
          description="Empty: the whole listing"
          maxLength={200}
          {...of('externalTicketClassId')}
        />
      )}
      <TextInput label="Name" description="Empty: the platform's" maxLength={100} {...of('label')} />
      <NumberInput
        label="Weight"
        description="Its share until sales show the demand"
        required
        min={0}
        max={1_000_000}
        value={values.weight}
        error={messageFor(error, `${at}weight`)}
        onChange={(weight) => onChange({ ...values, weight })}
      />
    </>
  )
}
