import { TextInput } from '@mantine/core'
import { useDeferredValue, useState } from 'react'
import { patch, type Schemas } from '../api/client'
import { useCustomers } from '../api/queries'
import { useMay } from '../api/session'
import { ActionButton } from '../ui/action'
import { DataTable, type Column } from '../ui/data-table'
import { Nothing, QueryState } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { Age } from '../ui/times'

type Customer = Schemas['CustomerDto']

/** Accounts of customers, for operators; admins can deactivate them. */
export function Customers() {
  const [text, setText] = useState('')
  const customers = useCustomers(useDeferredValue(text.trim()))
  const mayChange = useMay('ADMIN')
  const rows = customers.data?.items ?? []
  return (
    <Panel title="Customers, newest first" asOf={customers}>
      <TextInput
        size="xs"
        label="Name or e-mail address"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <QueryState query={customers}>
        {rows.length === 0 ? (
          <Nothing>None.</Nothing>
        ) : (
          <DataTable
            caption="Customers, newest first"
            columns={mayChange ? [...COLUMNS, ACTIONS] : COLUMNS}
            rows={rows}
            id={({ id }) => id}
          />
        )}
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<Customer>[] = [
  { head: 'Name', cell: ({ name }) => name, card: 'title' },
  { head: 'E-mail', cell: ({ email }) => email, card: 'wide' },
  { head: 'Confirmed', cell: ({ emailVerified }) => (emailVerified ? 'yes' : 'no') },
  { head: 'Since', cell: ({ createdAt }) => <Age at={createdAt} /> },
  { head: 'Access', cell: ({ active }) => (active ? 'active' : 'inactive') },
]

const ACTIONS: Column<Customer> = {
  head: 'Actions',
  cell: ({ id, name, active }) => {
    const label = active ? 'Deactivate' : 'Activate'
    return (
      <ActionButton
        size="compact-xs"
        aria-label={`${label} the account of ${name}`}
        work={() => patch('/api/v1/customers/{id}', { path: { id }, body: { active: !active } })}
      >
        {label}
      </ActionButton>
    )
  },
}
