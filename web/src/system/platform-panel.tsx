import type { Schemas } from '../api/client'
import { usePlatforms } from '../api/queries'
import { count } from '../ui/count'
import { DataTable, type Column } from '../ui/data-table'
import { QueryState } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { Panel } from '../ui/panel'
import { span, Unknown } from '../ui/times'

type State = Schemas['PlatformStateDto']

/** The state of each platform connection. */
export function PlatformPanel() {
  const platforms = usePlatforms()
  const rows = platforms.data?.items ?? []
  return (
    <Panel title="Platforms" asOf={rows[0]?.asOf}>
      <QueryState query={platforms}>
        <DataTable caption="Platforms" columns={COLUMNS} rows={rows} id={({ platform }) => platform} />
      </QueryState>
    </Panel>
  )
}

const COLUMNS: readonly Column<State>[] = [
  { head: 'Platform', cell: ({ platform }) => labelOf(platform), card: 'title' },
  { head: 'Credentials', cell: ({ configured }) => (configured ? 'set' : 'not set') },
  { head: 'Reports sales', cell: ({ hasWebhooks }) => (hasWebhooks ? 'by webhook' : 'polled') },
  { head: 'Reverses oversold tickets', cell: ({ canVoid }) => (canVoid ? 'by the service' : 'manually') },
  {
    head: 'Breaker',
    cell: ({ breaker }) => ({ CLOSED: 'closed', OPEN: '⚠ open', HALF_OPEN: 'half-open' })[breaker] ?? breaker,
  },
  {
    head: 'Throttle',
    cell: ({ throttleWaitMs: wait }) => (wait === null ? <Unknown /> : wait === 0 ? 'no wait' : `waits ${span(wait)}`),
  },
  { head: 'Rate limit', cell: ({ rateLimit }) => rateLimitLabel(rateLimit) },
]

/** `2000/3600` → "2,000 in 60 min". */
function rateLimitLabel(rateLimit: string): string {
  const [calls = 0, seconds = 0] = rateLimit.split('/').map(Number)
  return `${count(calls)} in ${span(seconds * 1_000)}`
}
