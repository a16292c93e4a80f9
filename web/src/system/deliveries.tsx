import { Code, NativeSelect, Spoiler } from '@mantine/core'
import { useState } from 'react'
import { post, type Schemas } from '../api/client'
import { useDeliveries } from '../api/queries'
import { useMay } from '../api/session'
import { ActionButton } from '../ui/action'
import { DataTable, type Column } from '../ui/data-table'
import { QueryState, Nothing } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { More } from '../ui/more'
import { Panel } from '../ui/panel'
import { Age } from '../ui/times'

type Delivery = Schemas['DeliveryDto']
const STATES = ['UNMATCHED', 'FAILED', 'REPLAYED'] as const

/** Dead-lettered webhook deliveries. */
export function Deliveries() {
  const [state, setState] = useState<(typeof STATES)[number] | ''>('')
  const deliveries = useDeliveries(state || undefined)
  const may = useMay('OPERATOR')
  const rows = deliveries.data?.pages.flatMap((page) => page.items) ?? []
  const replay: Column<Delivery> = { head: 'Actions', cell: (row) => <Replay delivery={row} /> }
  return (
    <Panel title="Failed and unmatched deliveries" asOf={deliveries}>
      <NativeSelect
        label="State"
        mb="sm"
        w={220}
        value={state}
        onChange={(change) => setState(change.target.value as typeof state)}
        data={[{ value: '', label: 'All' }, ...STATES.map((value) => ({ value, label: labelOf(value) }))]}
      />
      <QueryState query={deliveries}>
        {rows.length === 0 ? (
          <Nothing>None: every delivery was processed.</Nothing>
        ) : (
          <DataTable
            caption="Deliveries, newest first"
            columns={may ? [...COLUMNS, replay] : COLUMNS}
            rows={rows}
            id={({ id }) => id}
          />
        )}
        <More of={deliveries} />
      </QueryState>
    </Panel>
  )
}

function Replay({ delivery }: { delivery: Delivery }) {
  return (
    <ActionButton
      size="compact-xs"
      aria-label={`Replay the delivery of ${labelOf(delivery.platform)} of ${delivery.receivedAt}`}
      work={() => post('/api/v1/webhooks/deliveries/{id}/replay', { path: { id: delivery.id } })}
    >
      Replay
    </ActionButton>
  )
}

const COLUMNS: readonly Column<Delivery>[] = [
  { head: 'Received', cell: ({ receivedAt }) => <Age at={receivedAt} /> },
  { head: 'Platform', cell: ({ platform }) => labelOf(platform) },
  { head: 'State', cell: ({ state }) => labelOf(state) },
  { head: 'Reason', cell: ({ reason }) => reason, card: 'wide' },
  { head: 'Attempts', number: true, cell: ({ attempts }) => attempts },
  {
    head: 'Body, masked',
    card: 'wide',
    cell: ({ body }) => (
      <Spoiler maxHeight={40} showLabel="Show all" hideLabel="Show less" maw={360}>
        <Code block className="wrapped">
          {body ?? 'not text'}
        </Code>
      </Spoiler>
    ),
  },
]
