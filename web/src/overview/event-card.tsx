import { Anchor, Group, Paper, Stack, Text } from '@mantine/core'
import type { Schemas } from '../api/client'
import { useStock } from '../api/queries'
import { StockBar } from '../event/stock/stock-bar'
import { Count } from '../ui/count'
import { Failure } from '../ui/feedback'
import { linkTo } from '../ui/route'
import { DemoBadge, StateBadge } from '../ui/state-badge'
import { AsOf, Instant } from '../ui/times'

/** One event at a glance. */
export function EventCard({ event }: { event: Schemas['EventDto'] }) {
  const { data: stock, error } = useStock(event.id)
  const state = stock?.state ?? event.state
  return (
    <Paper withBorder p="md" component="article" className={state === 'RED_ALARM' ? 'alarmed' : undefined}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
          <Anchor href={linkTo('events', event.id)} fw={600} className="event-name">
            {event.name}
          </Anchor>
          <Group gap={6} wrap="nowrap">
            {event.demo ? <DemoBadge /> : null}
            <StateBadge state={state} />
          </Group>
        </Group>
        <Text size="sm" c="dimmed">
          <Instant at={event.startsAt} zone={event.timezone} />
          {event.venue ? ` · ${event.venue}` : ''}
        </Text>
        <Group justify="space-between" align="baseline">
          <Text fz={26} fw={700}>
            <Count of={stock?.sold} />
            <Text span c="dimmed" fz="md" fw={400}>
              {' '}
              of <Count of={stock?.capacity} /> sold
            </Text>
          </Text>
          <AsOf at={stock?.asOf} />
        </Group>
        {stock ? <StockBar stock={stock} compact /> : null}
        {stock && stock.oversold > 0 ? (
          <Text fw={700} className="on-danger">
            ⚠ {stock.oversold} oversold
          </Text>
        ) : null}
        <Failure error={error} title="Stock could not be loaded" />
      </Stack>
    </Paper>
  )
}
