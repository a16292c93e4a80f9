import type { Schemas } from '../api/client'
import { usePlatforms } from '../api/queries'
import { DataTable, type Column } from '../ui/data-table'
import { Answer } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { AsOf, span, Unknown } from '../ui/times'
import { wordOf } from '../ui/words'

type State = Schemas['PlatformStateDto']

/** How it stands between us and the platforms. */
export function PlatformPanel() {
  const platforms = usePlatforms()
  const rows = platforms.data?.items ?? []
  return (
    <Panel title="Platforms" aside={<AsOf at={rows[0]?.asOf} />}>
      <Answer query={platforms}>
        <DataTable caption="Platforms" columns={COLUMNS} rows={rows} id={({ platform }) => platform} />
      </Answer>
    </Panel>
  )
}

const COLUMNS: readonly Column<State>[] = [
  { head: 'Platform', cell: ({ platform }) => wordOf(platform) },
  { head: 'Credentials', cell: ({ configured }) => (configured ? 'set' : 'not set') },
  { head: 'Tells of sales', cell: ({ hasWebhooks }) => (hasWebhooks ? 'by webhook' : 'is asked by turns') },
  { head: 'Undoes oversold tickets', cell: ({ canVoid }) => (canVoid ? 'by the service' : 'by hand') },
  {
    head: 'Breaker',
    cell: ({ breaker }) => ({ CLOSED: 'passing', OPEN: '⚠ open', HALF_OPEN: 'trying' })[breaker] ?? breaker,
  },
  {
    head: 'Throttle',
    cell: ({ throttleWaitMs: wait }) => (wait === null ? <Unknown /> : wait === 0 ? 'free' : `waits ${span(wait)}`),
  },
  { head: 'Limit', cell: ({ rateLimit }) => rateLimit.replace('/', ' in ') + ' s' },
]
