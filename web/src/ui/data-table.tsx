import { Table, Text } from '@mantine/core'
import { useCallback, useLayoutEffect, useRef, useState, type ReactNode } from 'react'

export interface Column<Row> {
  head: string
  /** Null: not applicable to this row. */
  cell: (row: Row) => ReactNode
  /** Numbers line up at the right. */
  number?: boolean
  /** On a card: `title` is its heading, `wide` has a line of its own; others share one. */
  card?: 'title' | 'wide'
}

interface DataTableProps<Row> {
  /** For screen readers. */
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  id: (row: Row) => string
}

/** Minimum width of a column, px. */
const MIN_COLUMN_WIDTH = 65
/** More columns than this are laid out closer together. */
const MANY_COLUMNS = 8

/** Rows as a table; where there is no room for it, each row becomes a card that names its cells. */
export function DataTable<Row>({ caption, columns, rows, id }: DataTableProps<Row>) {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [needed, setNeeded] = useState(columns.length * MIN_COLUMN_WIDTH)
  const narrow = width > 0 && width < needed
  const measure = useCallback(() => {
    const { scrollWidth = 0, clientWidth = 0 } = place.current ?? {}
    setWidth(clientWidth)
    // A table that is wider than its place needs that much. Cards never are: they clip.
    if (scrollWidth > clientWidth) setNeeded(scrollWidth)
  }, [])
  useLayoutEffect(measure)
  // A cell may grow without a render of the table ("just now" becomes "12 min ago"): the table is observed, too.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(measure)
    for (const element of [place.current, place.current?.firstElementChild]) if (element) observer.observe(element)
    return () => observer.disconnect()
  }, [measure])
  // Roles are named because a browser may forget them when rows are laid out as cards.
  return (
    <div ref={place}>
      <Table
        role="table"
        className={narrow ? 'cards' : undefined}
        verticalSpacing="xs"
        horizontalSpacing={columns.length > MANY_COLUMNS ? 6 : 'xs'}
        striped="even"
      >
        <Table.Caption className="sr-only">{caption}</Table.Caption>
        <Table.Thead>
          <Table.Tr role="row">
            {columns.map(({ head, number }) => (
              <Table.Th key={head} scope="col" role="columnheader" ta={number ? 'right' : 'left'}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr role="row" key={id(row)}>
              {columns.map((column) => (
                <Cell key={column.head} column={column} row={row} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Cell<Row>({ column: { head, cell, number, card }, row }: { column: Column<Row>; row: Row }) {
  const content = cell(row)
  return (
    <Table.Td
      role="cell"
      data-head={head}
      data-card={card}
      data-nothing={content === null || undefined}
      className={number ? 'number-cell' : undefined}
    >
      <div className="cell">
        {content ?? (
          <Text span inherit c="dimmed">
            –
          </Text>
        )}
      </div>
    </Table.Td>
  )
}
