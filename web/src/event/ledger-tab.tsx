import { Anchor, Group, NativeSelect, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import type { Schemas } from '../api/client'
import { useMovements } from '../api/queries'
import { count } from '../ui/count'
import { DataTable, type Column } from '../ui/data-table'
import { QueryState, Nothing } from '../ui/feedback'
import { CHANNELS, accountLabel } from '../ui/labels'
import { More } from '../ui/more'
import { Panel } from '../ui/panel'
import { Instant } from '../ui/times'

const ACCOUNTS = [
  'UNALLOCATED',
  'IN_TRANSIT',
  'SAFETY',
  'HELD',
  'OVERSOLD',
  'CAPACITY',
  ...CHANNELS.map((channel) => `ALLOCATED:${channel}`),
  ...CHANNELS.map((channel) => `SOLD:${channel}`),
]

/** Every movement of the stock. */
export function LedgerTab({ event }: { event: Schemas['EventDto'] }) {
  const [account, setAccount] = useState('')
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), 300)
  const movements = useMovements(event.id, { ...(account ? { account } : {}), ...(q ? { q } : {}) })
  const rows = movements.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel
      title="Ledger, newest first"
      asOf={movements}
      actions={
        <Anchor size="sm" href={`/api/v1/events/${encodeURIComponent(event.id)}/ledger.csv`} download>
          Download as CSV
        </Anchor>
      }
    >
      <Group gap="sm" mb="sm" align="flex-end">
        <NativeSelect
          label="Account"
          value={account}
          onChange={(change) => setAccount(change.target.value)}
          data={[
            { value: '', label: 'All accounts' },
            ...ACCOUNTS.map((value) => ({ value, label: accountLabel(value) })),
          ]}
        />
        <TextInput
          label="Reason contains"
          maxLength={200}
          value={typed}
          onChange={(change) => setTyped(change.target.value)}
        />
      </Group>
      <QueryState query={movements}>
        {rows.length === 0 ? (
          <Nothing>No matching movements.</Nothing>
        ) : (
          <DataTable
            caption="Movements, newest first"
            columns={columnsIn(event.timezone)}
            rows={rows}
            id={({ id }) => id}
          />
        )}
        <More of={movements} />
      </QueryState>
    </Panel>
  )
}

function columnsIn(zone: string): Column<Schemas['MovementDto']>[] {
  return [
    { head: 'When', cell: ({ recordedAt }) => <Instant at={recordedAt} zone={zone} seconds /> },
    { head: 'From → to', cell: ({ from, to }) => `${accountLabel(from)} → ${accountLabel(to)}`, card: 'title' },
    { head: 'Units', number: true, cell: ({ quantity }) => count(quantity) },
    { head: 'Reason', cell: ({ reason }) => reason },
    { head: 'By', cell: ({ actor }) => actor ?? 'the service' },
    {
      head: 'Position',
      cell: ({ epoch, seq, operationId }) => (
        <Text span inherit c="dimmed" title={operationId}>
          {epoch}.{seq}
        </Text>
      ),
    },
  ]
}
