import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

export interface Column<Row> {
  head: string
  cell: (row: Row) => ReactNode
  /** Numbers line up at the right. */
  number?: boolean
}

interface DataTableProps<Row> {
  /** What the table shows, for who does not see it. */
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  id: (row: Row) => string
}

/** Rows as a table; on a narrow screen each row becomes a card that names its cells. */
export function DataTable<Row>({ caption, columns, rows, id }: DataTableProps<Row>) {
  return (
    <Table className="cards-when-narrow" verticalSpacing="xs" striped="even">
      <Table.Caption className="sr-only">{caption}</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          {columns.map(({ head, number }) => (
            <Table.Th key={head} scope="col" ta={number ? 'right' : 'left'}>
              {head}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={id(row)}>
            {columns.map(({ head, cell, number }) => (
              <Table.Td key={head} data-head={head} className={number ? 'number-cell' : undefined}>
                <div className="cell">{cell(row)}</div>
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
