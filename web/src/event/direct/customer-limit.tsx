import { Group, NumberInput, Text } from '@mantine/core'
import { useState } from 'react'
import { patch, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { useAction } from '../../ui/action'
import { ChangeDialog, ChangeForm } from '../../ui/change-dialog'
import { count } from '../../ui/count'
import { Panel } from '../../ui/panel'

type Event = Schemas['EventDto']

/** How many tickets one customer can hold and have bought. */
export function CustomerLimit({ event }: { event: Event }) {
  const mayChange = useMay('OPERATOR')
  const limit = event.maxHeldPerCustomer
  const form = (close: () => void) => <LimitForm event={event} close={close} />
  return (
    <Panel title="Limit per customer">
      <Group justify="space-between">
        <Text size="sm">
          {limit === null ? 'A customer can hold and buy any number of tickets.' : `${count(limit)} held and bought.`}
        </Text>
        {mayChange ? (
          <ChangeDialog
            title="Change the limit per customer"
            label="Change"
            name="Change the limit per customer"
            size="xs"
            form={form}
          />
        ) : null}
      </Group>
    </Panel>
  )
}

function LimitForm({ event, close }: { event: Event; close: () => void }) {
  const [limit, setLimit] = useState<string | number>(event.maxHeldPerCustomer ?? '')
  const maxHeldPerCustomer = limit === '' ? null : Number(limit)
  const body = { maxHeldPerCustomer }
  const change = useAction(() => patch('/api/v1/events/{id}', { path: { id: event.id }, body }), close)
  return (
    <ChangeForm change={change} close={close} note="It applies to later holds. Staff have no limit.">
      <NumberInput
        label="Tickets per customer"
        description="Empty: no limit"
        min={1}
        max={1_000_000}
        allowDecimal={false}
        value={limit}
        onChange={setLimit}
      />
    </ChangeForm>
  )
}
