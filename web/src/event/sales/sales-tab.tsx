import { Stack } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { useCurve } from '../../api/queries'
import { QueryState } from '../../ui/feedback'
import { Panel } from '../../ui/panel'
import { OrderFeed } from './order-feed'
import { SalesCurve } from './sales-curve'

export function SalesTab({ event }: { event: Schemas['EventDto'] }) {
  const curve = useCurve(event.id)
  return (
    <Stack>
      <Panel title="Tickets sold over time" asOf={curve.data?.asOf}>
        <QueryState query={curve}>
          {curve.data ? <SalesCurve curve={curve.data} zone={event.timezone} /> : null}
        </QueryState>
      </Panel>
      <OrderFeed event={event} />
    </Stack>
  )
}
