import { SimpleGrid, Stack } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { Holds } from './holds'
import { Payments } from './payments'
import { ReleaseForm } from './release-form'
import { Releases } from './releases'
import { SafetySaleForm } from './safety-sale-form'
import { SeatMap } from './seat-map'
import { Waitlist } from './waitlist'

interface DirectTabProps {
  event: Schemas['EventDto']
  stock: Schemas['StockDto']
}

/** Direct sales, and the stock that only operators can sell. */
export function DirectTab({ event, stock }: DirectTabProps) {
  const isOperator = useMay('OPERATOR')
  const maySell = isOperator && (stock.state === 'ON_SALE' || stock.state === 'RED_ALARM')
  return (
    <Stack>
      {maySell ? (
        <SimpleGrid cols={{ base: 1, lg: 2 }}>
          <SafetySaleForm event={event} stock={stock} />
          {event.channels.length > 0 ? <ReleaseForm event={event} stock={stock} /> : null}
        </SimpleGrid>
      ) : null}
      <Releases event={event} />
      <Holds event={event} />
      {isOperator && event.priceCents ? <Payments event={event} /> : null}
      <Waitlist event={event} />
      {event.seatCount > 0 ? <SeatMap event={event} /> : null}
    </Stack>
  )
}
