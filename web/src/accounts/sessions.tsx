import { remove, type Schemas } from '../api/client'
import { useSessions } from '../api/queries'
import { ActionButton } from '../ui/action'
import { DataTable, type Column } from '../ui/data-table'
import { QueryState } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { Age, Instant } from '../ui/times'

type Session = Schemas['SessionDto']

/** Where this user is signed in. */
export function Sessions() {
  const sessions = useSessions()
  const others = (sessions.data?.items ?? []).filter(({ current }) => !current)
  const actions =
    others.length > 1 ? (
      <ActionButton work={() => Promise.all(others.map(({ id }) => end(id)))}>End all others</ActionButton>
    ) : null
  return (
    <Panel title="Your sessions" asOf={sessions} actions={actions}>
      <QueryState query={sessions}>
        <DataTable caption="Your sessions" columns={COLUMNS} rows={sessions.data?.items ?? []} id={({ id }) => id} />
      </QueryState>
    </Panel>
  )
}

const end = (id: string) => remove('/api/v1/auth/sessions/{id}', { path: { id } })

const COLUMNS: readonly Column<Session>[] = [
  {
    head: 'Browser',
    cell: ({ userAgent, current }) => `${browserOf(userAgent)}${current ? ' (this one)' : ''}`,
    card: 'title',
  },
  { head: 'Address', cell: ({ ip }) => ip },
  { head: 'Signed in', cell: ({ createdAt }) => <Age at={createdAt} /> },
  { head: 'Last seen', cell: ({ lastSeenAt }) => <Age at={lastSeenAt} /> },
  { head: 'Ends', cell: ({ expiresAt }) => <Instant at={expiresAt} /> },
  {
    head: 'Actions',
    cell: ({ id, current, ip }) =>
      current ? null : (
        <ActionButton size="compact-xs" aria-label={`Revoke the session from ${ip}`} work={() => end(id)}>
          Revoke
        </ActionButton>
      ),
  },
]

/** `Mozilla/5.0 (X11; …) … Firefox/128.0` → "Firefox on X11". Anything else as it is. */
function browserOf(userAgent: string | null): string {
  if (!userAgent) return 'unknown'
  const name = /(Firefox|Edg|OPR|HeadlessChrome|Chrome|Safari)\//.exec(userAgent)?.[1]
  const system = /\(([^;)]+)/.exec(userAgent)?.[1]
  return name && system ? `${name} on ${system}` : userAgent.slice(0, 60)
}
