import { NativeSelect, NumberInput, SimpleGrid, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import type { FieldProps, Fields } from '../ui/form-fields'
import { priceDigits } from '../ui/price'
import { isTimeZone } from '../ui/zoned-time'
import type { EventValues } from './event-values'

interface PartProps {
  fields: Fields<EventValues>
  /** Of an event that does not exist yet: what is left out has a default. */
  isNew?: boolean
}

const text = ({ onChange, ...field }: FieldProps<string>) => ({
  ...field,
  onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
})

function Columns({ children }: { children: ReactNode }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} verticalSpacing="sm">
      {children}
    </SimpleGrid>
  )
}

export function WhatFields({ fields }: PartProps) {
  return (
    <Columns>
      <TextInput label="Name" required maxLength={200} {...text(fields.of('name'))} />
      <TextInput label="Venue" maxLength={200} {...text(fields.of('venue'))} />
    </Columns>
  )
}

export function TimeFields({ fields, isNew = false }: PartProps) {
  const zone = fields.of('timezone')
  const unknown = isTimeZone(zone.value) ? undefined : 'Not a time zone. Choose one of the list.'
  const defaults = (description: string) => (isNew ? { description } : { required: true })
  return (
    <Columns>
      {isNew ? (
        <TextInput
          label="Time zone"
          description="Of the place, such as Europe/Berlin. It cannot be changed later."
          required
          list="time-zones"
          {...text({ ...zone, error: zone.error ?? unknown })}
        />
      ) : null}
      <TextInput type="datetime-local" label="Start" required {...text(fields.of('startsAt'))} />
      <TextInput
        type="datetime-local"
        label="End"
        {...defaults('Empty: 6 hours after the start')}
        {...text(fields.of('endsAt'))}
      />
      <TextInput
        type="datetime-local"
        label="End of online sales"
        {...defaults('Empty: at the start')}
        {...text(fields.of('salesEndAt'))}
      />
      {isNew ? <TimeZones /> : null}
    </Columns>
  )
}

function TimeZones() {
  return (
    <datalist id="time-zones">
      {Intl.supportedValuesOf('timeZone').map((zone) => (
        <option key={zone} value={zone} />
      ))}
    </datalist>
  )
}

export function StockFields({ fields, isNew = false }: PartProps) {
  const later = isNew ? ' Empty: the default of this installation.' : ''
  return (
    <Columns>
      <NumberInput
        label="Capacity"
        description="All tickets, wherever they are sold"
        required
        min={1}
        max={1_000_000}
        allowDecimal={false}
        {...fields.of('capacity')}
      />
      <NumberInput
        label="Soft cap, %"
        description={`When so much is sold, the platforms stop selling and a person decides.${later}`}
        required={!isNew}
        max={100}
        decimalScale={1}
        {...fields.of('softCapRatio')}
      />
      <NumberInput
        label="Safety stock, %"
        description={`Kept back from all platforms, for the door.${later}`}
        required={!isNew}
        min={0}
        max={90}
        decimalScale={1}
        {...fields.of('safetyStockRatio')}
      />
    </Columns>
  )
}

export function DirectFields({ fields, isNew = false }: PartProps) {
  const { currency } = fields.values
  return (
    <Columns>
      <NumberInput
        label={`Price, ${currency}`}
        description={isNew ? '0: free' : '0: free. For later holds: who has tickets on hold pays the price of before.'}
        min={0}
        decimalScale={priceDigits(currency)}
        {...fields.of('priceCents')}
      />
      {isNew ? (
        <TextInput
          label="Currency"
          description="Three letters. It cannot be changed later."
          required
          maxLength={3}
          {...text(fields.of('currency'))}
        />
      ) : null}
      <NumberInput
        label="Tickets per customer"
        description="Held and bought. Empty: no limit. Staff have none."
        min={1}
        max={1_000_000}
        allowDecimal={false}
        {...fields.of('maxHeldPerCustomer')}
      />
      <NumberInput
        label="Weight of direct sales"
        description={`Their share, compared with the weights of the listings.${isNew ? ' Empty: no share where there are listings.' : ''}`}
        required={!isNew}
        min={0}
        max={1_000_000}
        {...fields.of('directWeight')}
      />
      <NativeSelect
        label="Waitlist"
        description="Who offers tickets that become free after the event was sold out"
        data={[
          { value: 'MANUAL', label: 'Staff, one by one' },
          { value: 'AUTOMATIC', label: 'The service, in the order of joining' },
        ]}
        {...text(fields.of('waitlistPolicy') as FieldProps<string>)}
      />
    </Columns>
  )
}
