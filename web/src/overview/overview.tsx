import { Button, Group, SegmentedControl, SimpleGrid, Stack, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { AlertList } from '../alerts/alert-list'
import { useAlerts, useEvents, useHasEvents, type EventState } from '../api/queries'
import { useMay } from '../api/session'
import { QueryState, Nothing } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { More } from '../ui/more'
import { Panel } from '../ui/panel'
import { linkTo } from '../ui/route'
import { EventCard } from './event-card'
import { FirstSteps } from './first-steps'

const CURRENT: readonly EventState[] = ['RED_ALARM', 'ON_SALE', 'PAUSED']

/** Alarms first, then every event with its bar. */
export function Overview() {
  const alerts = useAlerts()
  const hasEvents = useHasEvents()
  const mayCreate = useMay('OPERATOR')
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), 300)
  const [shown, setShown] = useState('current')
  const states = shown === 'current' ? CURRENT : (['CLOSED', 'ENDED'] as const)
  const open = alerts.data?.items ?? []
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Overview
        </Title>
        {mayCreate && hasEvents ? (
          <Button component="a" href={linkTo('events', 'new')}>
            New event
          </Button>
        ) : null}
      </Group>
      {open.length > 0 || alerts.error ? (
        <Panel title={`Open alerts (${open.length})`} asOf={alerts}>
          <QueryState query={alerts}>
            <AlertList alerts={open} most={3} />
          </QueryState>
        </Panel>
      ) : null}
      {hasEvents === false ? (
        <FirstSteps />
      ) : (
        <>
          <Group justify="space-between" gap="sm">
            <SegmentedControl
              value={shown}
              onChange={setShown}
              data={[
                { value: 'current', label: 'Current events' },
                { value: 'closed', label: 'Closed events' },
              ]}
              aria-label="Which events"
            />
            <TextInput
              aria-label="Search events by name or venue"
              placeholder="Name or venue"
              value={typed}
              maxLength={200}
              onChange={(event) => setTyped(event.target.value)}
            />
          </Group>
          {states.map((state) => (
            <EventsIn key={state} state={state} q={q} />
          ))}
        </>
      )}
    </Stack>
  )
}

function EventsIn({ state, q }: { state: EventState; q: string }) {
  const events = useEvents(state, q)
  const items = events.data?.pages.flatMap((page) => page.items) ?? []
  if (items.length === 0 && state !== 'ON_SALE' && state !== 'CLOSED' && !events.error) return null
  return (
    <section aria-label={labelOf(state)}>
      <Title order={2} size="h4" mb="xs">
        {labelOf(state)}
      </Title>
      <QueryState query={events}>
        {items.length === 0 ? <Nothing>None.</Nothing> : null}
        <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
          {items.map((event) => (
            <EventCard key={event.id} event={event} />
          ))}
        </SimpleGrid>
        <More of={events} />
      </QueryState>
    </section>
  )
}
