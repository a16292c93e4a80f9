import { Group, Text } from '@mantine/core'
import { post, type Schemas } from '../api/client'
import { useConnections } from '../api/queries'
import { useMay } from '../api/session'
import { ActionButton } from '../ui/action'
import { Count } from '../ui/count'
import { DataTable, type Column } from '../ui/data-table'
import { Nothing, QueryState } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { Panel } from '../ui/panel'
import { Age } from '../ui/times'
import { AddConnection } from './add-connection'
import { ChangeConnection } from './change-connection'
import { RemoveConnection } from './remove-connection'

type Connection = Schemas['ConnectionDto']

/** The accounts on platforms. Everyone sees them, admins change them. */
export default function ConnectionsPage() {
  const connections = useConnections()
  const mayChange = useMay('ADMIN')
  const items = connections.data?.items ?? []
  return (
    <Panel title="Connections" asOf={connections} actions={mayChange ? <AddConnection /> : null}>
      <Text size="sm" c="dimmed" mb="sm" maw={760}>
        Your accounts on the platforms. An event can use several, on one platform too; each has its own rate limit.
        {mayChange ? '' : ' Admins connect, change and remove them.'}
      </Text>
      <QueryState query={connections}>
        {items.length === 0 ? (
          <Nothing>None yet. Without an account, events are sold directly only.</Nothing>
        ) : (
          <DataTable
            caption="Connections"
            columns={mayChange ? [...COLUMNS, ACTIONS] : COLUMNS}
            rows={items}
            id={({ id }) => id}
          />
        )}
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<Connection>[] = [
  { head: 'Connection', cell: ({ label }) => <span className="wrapped">{label}</span>, card: 'title' },
  { head: 'Platform', cell: ({ platform }) => <span className="short">{labelOf(platform)}</span> },
  { head: 'Account', cell: ({ account }) => account && <span className="wrapped">{account.name ?? account.id}</span> },
  { head: 'State', cell: (connection) => <State connection={connection} />, card: 'wide' },
  { head: 'Sales are noticed', cell: noticed },
  { head: 'Live channels', number: true, cell: ({ channels }) => <Count of={channels} /> },
  { head: 'Last check', cell: ({ checkedAt }) => (checkedAt ? <Age at={checkedAt} className="short" /> : 'never') },
]

const ACTIONS: Column<Connection> = {
  head: 'Actions',
  cell: (connection) => <Actions connection={connection} />,
  card: 'wide',
}

function State({ connection: { platform, state, detail } }: { connection: Connection }) {
  const more = detail ? `: ${detail}` : ''
  if (state === 'READY') {
    if (platform === 'MANUAL') return <>✓ Ready, kept by people</>
    return <span className="wrapped">{detail ? `⚠ Works, with a restriction: ${detail}` : '✓ Ready'}</span>
  }
  if (state === 'UNCHECKED') return <span className="wrapped">Not checked yet{more}</span>
  return (
    <span className="wrapped on-danger">
      {state === 'REFUSED' ? `⚠ ${labelOf(platform)} refuses it` : `⚠ ${labelOf(platform)} cannot be reached`}
      {more}
    </span>
  )
}

function noticed({ platform, webhook, channels }: Connection): string {
  if (platform === 'MANUAL') return 'when a person confirms'
  if (webhook === 'REGISTERED') return 'at once, by webhook'
  if (webhook === 'POLLED') return 'by reading, often'
  return channels > 0 ? '⚠ by reading, rarely: no webhook' : 'no webhook yet'
}

function Actions({ connection }: { connection: Connection }) {
  const { id, label, fromEnvironment } = connection
  if (fromEnvironment) {
    return (
      <Text size="xs" c="dimmed" maw={210}>
        Set by environment variables: change them there, and restart the service.
      </Text>
    )
  }
  return (
    <Group gap={6} miw={210}>
      <ActionButton
        size="compact-xs"
        aria-label={`Check ${label}`}
        work={() => post('/api/v1/connections/{id}/check', { path: { id } })}
      >
        Check
      </ActionButton>
      <ChangeConnection connection={connection} />
      <RemoveConnection connection={connection} />
    </Group>
  )
}
