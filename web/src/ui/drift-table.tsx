import type { Schemas } from '../api/client'
import { DataTable, type Column } from './data-table'
import { labelOf } from './labels'
import { Instant, Unknown } from './times'

type Item = Schemas['DriftItemDto']

/** Differences between ledger and platform, or between ledger and stock gate. */
export function DriftTable({ items, zone }: { items: readonly Item[]; zone?: string }) {
  return <DataTable caption="Differences, newest first" columns={columnsIn(zone)} rows={items} id={({ id }) => id} />
}

function columnsIn(zone: string | undefined): Column<Item>[] {
  return [
    { head: 'Found', cell: ({ createdAt }) => <Instant at={createdAt} zone={zone} seconds /> },
    { head: 'Where', cell: ({ channel }) => (channel ? labelOf(channel) : 'Stock gate') },
    { head: 'Kind', cell: ({ kind }) => labelOf(kind), card: 'title' },
    { head: 'Ledger', number: true, cell: ({ ledger }) => <Value of={ledger} /> },
    { head: 'Platform or gate', number: true, cell: ({ platform }) => <Value of={platform} /> },
    { head: 'Corrected', cell: ({ corrected }) => (corrected ? '✓ yes' : '⚠ no') },
    { head: 'Details', cell: ({ detail }) => detail, card: 'wide' },
  ]
}

/** A number of tickets, a cap, a mode, or accounts with their units. */
function Value({ of: value }: { of: unknown }) {
  if (value === null || value === undefined) return <Unknown />
  if (typeof value === 'object') {
    return Object.entries(value).map(([name, units]) => (
      <div key={name}>
        {name}: {String(units)}
      </div>
    ))
  }
  return <>{typeof value === 'string' ? labelOf(value) : String(value)}</>
}
