import { Text } from '@mantine/core'
import { post, type Schemas } from '../../api/client'
import { useOperators, useReleases } from '../../api/queries'
import { useMay, useSession } from '../../api/session'
import { ActionButton } from '../../ui/action'
import { count } from '../../ui/count'
import { DataTable, type Column } from '../../ui/data-table'
import { QueryState, Nothing } from '../../ui/feedback'
import { labelOf } from '../../ui/labels'
import { Panel } from '../../ui/panel'
import { Age } from '../../ui/times'

type Release = Schemas['ReleaseDto']

/** Requests to release safety stock to platforms, and their decisions. */
export function Releases({ event }: { event: Schemas['EventDto'] }) {
  const releases = useReleases(event.id)
  const nameOf = useNames()
  const rows = releases.data?.items ?? []
  const waiting = rows.filter(({ state }) => state === 'PENDING').length
  const columns: Column<Release>[] = [
    { head: 'Requested', cell: ({ requestedAt }) => <Age at={requestedAt} /> },
    { head: 'By', cell: ({ requestedBy }) => nameOf(requestedBy) },
    { head: 'Platform', cell: ({ platform }) => labelOf(platform) },
    { head: 'Units', number: true, cell: ({ quantity }) => count(quantity) },
    { head: 'Reason', cell: ({ reason }) => reason, card: 'wide' },
    { head: 'Decision', cell: (release) => <Decision release={release} nameOf={nameOf} />, card: 'wide' },
  ]
  return (
    <Panel title={waiting > 0 ? `Releases (${waiting} pending)` : 'Releases'} asOf={releases}>
      {waiting > 0 ? (
        <Text size="sm" mb="xs">
          An approval moves the units from the safety stock to the cap of the platform, which may sell them at once. It
          is for an admin other than the one who requested it.
        </Text>
      ) : null}
      <QueryState query={releases}>
        {rows.length === 0 ? (
          <Nothing>No release requests.</Nothing>
        ) : (
          <DataTable caption="Releases, newest first" columns={columns} rows={rows} id={({ id }) => id} />
        )}
      </QueryState>
    </Panel>
  )
}

function Decision({ release, nameOf }: { release: Release; nameOf: (id: string) => string }) {
  const own = useSession()?.user.id
  const mayDecide = useMay('ADMIN')
  const path = { id: release.id }
  if (release.state !== 'PENDING') {
    return (
      <>
        {labelOf(release.state)} by {nameOf(release.decidedBy ?? '')}, <Age at={release.decidedAt} />
      </>
    )
  }
  if (!mayDecide || release.requestedBy === own) {
    return (
      <Text size="sm" c="dimmed">
        pending: {release.requestedBy === own ? 'another admin' : 'an admin'}
      </Text>
    )
  }
  const what = `${count(release.quantity)} to ${labelOf(release.platform)}`
  return (
    <div className="actions two">
      <ActionButton
        size="compact-xs"
        aria-label={`Approve ${what}`}
        work={() => post('/api/v1/safety-stock/releases/{id}/approve', { path })}
      >
        Approve
      </ActionButton>
      <ActionButton
        size="compact-xs"
        aria-label={`Reject ${what}`}
        work={() => post('/api/v1/safety-stock/releases/{id}/reject', { path })}
      >
        Reject
      </ActionButton>
    </div>
  )
}

/** Names of users, for those who may see them. */
function useNames(): (id: string) => string {
  const user = useSession()?.user
  const operators = useOperators(useMay('ADMIN')).data?.items ?? []
  return (id) => (id === user?.id ? 'you' : (operators.find((operator) => operator.id === id)?.name ?? 'a colleague'))
}
