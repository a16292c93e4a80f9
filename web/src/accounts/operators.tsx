import { Group, NativeSelect } from '@mantine/core'
import { patch, remove, type Schemas } from '../api/client'
import { useOperators } from '../api/queries'
import { useSession } from '../api/session'
import { ActionButton, useAction } from '../ui/action'
import { DataTable, type Column } from '../ui/data-table'
import { QueryState, Failure } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { Age } from '../ui/times'

type Operator = Schemas['OperatorDto']
export const ROLES = ['DOOR', 'VIEWER', 'OPERATOR', 'ADMIN'] as const

/** Staff members, for admins. */
export function Operators() {
  const operators = useOperators(true)
  return (
    <Panel title="Staff" asOf={operators}>
      <QueryState query={operators}>
        <DataTable caption="Staff members" columns={COLUMNS} rows={operators.data?.items ?? []} id={({ id }) => id} />
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<Operator>[] = [
  { head: 'Name', cell: ({ name }) => name, card: 'title' },
  { head: 'E-mail', cell: ({ email }) => email, card: 'wide' },
  { head: 'Role', cell: (operator) => <RoleChoice operator={operator} /> },
  { head: 'Since', cell: ({ createdAt }) => <Age at={createdAt} /> },
  { head: 'Authenticator app', cell: ({ totp }) => (totp ? 'yes' : 'no') },
  { head: 'Access', cell: ({ active }) => (active ? 'active' : 'inactive') },
  { head: 'Actions', cell: (operator) => <Actions operator={operator} /> },
]

function RoleChoice({ operator }: { operator: Operator }) {
  const change = useAction((role: (typeof ROLES)[number]) =>
    patch('/api/v1/operators/{id}', { path: { id: operator.id }, body: { role } }),
  )
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label={`Role of ${operator.name}`}
        value={operator.role}
        disabled={change.isPending}
        onChange={(event) => change.mutate(event.target.value as (typeof ROLES)[number])}
        data={ROLES.map((role) => ({ value: role, label: role.toLowerCase() }))}
      />
      <Failure error={change.error} />
    </>
  )
}

function Actions({ operator }: { operator: Operator }) {
  const { id, name, totp } = operator
  const own = useSession()?.user.id === id
  return (
    <Group gap="xs">
      <Switch operator={operator} />
      {totp && !own ? (
        <ActionButton
          size="compact-xs"
          aria-label={`Remove the authenticator app of ${name}`}
          work={() => remove('/api/v1/operators/{id}/totp', { path: { id } })}
        >
          Remove app
        </ActionButton>
      ) : null}
    </Group>
  )
}

function Switch({ operator: { id, name, active } }: { operator: Operator }) {
  const label = active ? 'Deactivate' : 'Activate'
  return (
    <ActionButton
      size="compact-xs"
      aria-label={`${label} the access of ${name}`}
      work={() => patch('/api/v1/operators/{id}', { path: { id }, body: { active: !active } })}
    >
      {label}
    </ActionButton>
  )
}
