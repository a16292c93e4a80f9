import { Text } from '@mantine/core'
import { post, type Schemas } from '../api/client'
import { useFailedMails } from '../api/queries'
import { ActionButton } from '../ui/action'
import { DataTable, type Column } from '../ui/data-table'
import { Nothing, QueryState } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { More } from '../ui/more'
import { Panel } from '../ui/panel'
import { Age } from '../ui/times'

type Mail = Schemas['MailDto']

/** Mails that the mail server did not accept on any attempt. For admins. */
export function Mails() {
  const mails = useFailedMails()
  const rows = mails.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel title="Failed mails" asOf={mails}>
      <Text size="sm" mb="sm">
        Their text is erased. Sending one again composes it from its order, offer or payment, unless that has changed.
      </Text>
      <QueryState query={mails}>
        {rows.length === 0 ? (
          <Nothing>None.</Nothing>
        ) : (
          <DataTable caption="Mails, newest first" columns={COLUMNS} rows={rows} id={({ id }) => id} />
        )}
        <More of={mails} />
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<Mail>[] = [
  { head: 'Failed', cell: ({ failedAt }) => <Age at={failedAt} /> },
  { head: 'Kind', cell: ({ kind }) => labelOf(kind) },
  { head: 'About', cell: ({ about }) => about ?? 'not recorded' },
  { head: 'Response of the mail server', cell: ({ failure }) => failure ?? 'not recorded', card: 'wide' },
  {
    head: 'Actions',
    cell: ({ id, kind, createdAt }) => (
      <ActionButton
        size="compact-xs"
        aria-label={`Send the mail ${labelOf(kind)} of ${createdAt} again`}
        work={() => post('/api/v1/system/mails/{id}/retry', { path: { id } })}
      >
        Send again
      </ActionButton>
    ),
  },
]
