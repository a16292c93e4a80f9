import { NativeSelect, NumberInput, Text, TextInput } from '@mantine/core'
import { useConnections } from '../api/queries'
import { labelOf } from '../ui/labels'
import { messageFor } from '../ui/form-fields'
import { nameOf, placeOf, salesText, type Choice } from './choice'
import { ListingStart } from './listing-start'
import { PLATFORMS, type ListingValues } from './listing-values'

interface ListingFieldsProps {
  values: ListingValues
  onChange: (values: ListingValues) => void
  /** Of the last request. */
  error: unknown
  /** Where the listing is in the request, `channels.0.`; nothing: it is all of it. */
  at?: string
}

/** One listing and its share: as it was chosen, or by its id. */
export function ListingFields({ values, onChange, error, at = '' }: ListingFieldsProps) {
  return (
    <>
      {values.choice ? (
        <Chosen choice={values.choice} />
      ) : (
        <ByIdFields values={values} onChange={onChange} error={error} at={at} />
      )}
      <TextInput
        label="Name"
        description="Empty: the platform's"
        maxLength={100}
        value={values.label}
        error={messageFor(error, `${at}label`)}
        onChange={(event) => onChange({ ...values, label: event.currentTarget.value })}
      />
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

function Chosen({ choice }: { choice: Choice }) {
  return (
    <div className="wrapped">
      <Text fw={600} size="sm">
        {nameOf(choice)}
      </Text>
      <Text size="sm" c="dimmed">
        {placeOf(choice)} · <ListingStart listing={choice.listing} /> · {salesText(choice)}
      </Text>
    </div>
  )
}

function ByIdFields({ values, onChange, error, at = '' }: ListingFieldsProps) {
  const isManual = values.platform === 'MANUAL'
  const connections = useConnections().data?.items.filter(({ platform }) => platform === values.platform)
  const isOne = connections?.length === 1
  const ofAccount = messageFor(error, `${at}connectionId`)
  const of = (name: 'externalEventId' | 'externalTicketClassId') => ({
    value: values[name],
    error: messageFor(error, `${at}${name}`),
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...values, [name]: event.currentTarget.value }),
  })
  return (
    <>
      <NativeSelect
        label="Platform"
        description={connections?.length === 0 ? 'Not connected yet: see System, Connections' : undefined}
        data={PLATFORMS.map((value) => ({ value, label: labelOf(value) }))}
        value={values.platform}
        error={messageFor(error, `${at}platform`) ?? (connections && connections.length > 1 ? undefined : ofAccount)}
        onChange={(event) =>
          onChange({ ...values, platform: event.currentTarget.value as ListingValues['platform'], connectionId: '' })
        }
      />
      {connections && !isOne && connections.length > 0 ? (
        <NativeSelect
          label="Account"
          required
          data={[{ value: '', label: 'Choose one' }, ...connections.map(({ id, label }) => ({ value: id, label }))]}
          value={values.connectionId}
          error={ofAccount}
          onChange={(event) => onChange({ ...values, connectionId: event.currentTarget.value })}
        />
      ) : null}
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
    </>
  )
}
