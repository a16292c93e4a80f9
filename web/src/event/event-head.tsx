import { Anchor, Group, Text, Title } from '@mantine/core'
import { post, type Schemas } from '../api/client'
import { useMay } from '../api/session'
import { ActionButton } from '../ui/action'
import { ConfirmButton } from '../ui/confirm'
import { channelName } from '../ui/labels'
import { linkTo } from '../ui/route'
import { DemoBadge, StateBadge } from '../ui/state-badge'
import { Instant } from '../ui/times'
import { ProofLine } from './proof-line'

interface EventHeadProps {
  event: Schemas['EventDetailsDto']
  stock: Schemas['StockDto'] | undefined
}

/** The event, its state and the actions on it. */
export function EventHead({ event, stock }: EventHeadProps) {
  const state = stock?.state ?? event.state
  return (
    <div>
      <Anchor size="sm" href={linkTo()}>
        ← Overview
      </Anchor>
      <Group justify="space-between" gap="sm" mt={4}>
        <Group gap="sm">
          <Title order={1} size="h2" className="event-name">
            {event.name}
          </Title>
          <StateBadge state={state} size="lg" />
          {event.demo ? <DemoBadge /> : null}
        </Group>
        <StateActions event={event} state={state} />
      </Group>
      <Text c="dimmed" size="sm" mt={4}>
        <Instant at={event.startsAt} zone={event.timezone} /> to <Instant at={event.endsAt} zone={event.timezone} /> (
        {event.timezone}){event.venue ? ` · ${event.venue}` : ''}
        {event.salesEndAt === event.startsAt ? null : (
          <>
            {' · online sales until '}
            <Instant at={event.salesEndAt} zone={event.timezone} />
          </>
        )}
        {event.frozen ? ' · rebalancing frozen' : ''}
        {' · '}
        <Anchor href={`/door/${encodeURIComponent(event.id)}`} underline="always">
          Door
        </Anchor>
      </Text>
      <ProofLine event={event} />
      <StateHelp state={state} />
    </div>
  )
}

const HELP: Record<string, { text: string; kind?: string }> = {
  RED_ALARM: {
    text: 'The soft cap is reached, so the platforms only take a waitlist. Raise the soft cap in the settings, then reopen; or leave it.',
    kind: 'RED_ALARM',
  },
  PAUSED: { text: 'Nothing is sold, here or on the platforms, until sales are resumed.' },
}

/** What the state means where a person decides what comes next. */
function StateHelp({ state }: { state: string }) {
  const help = HELP[state]
  if (!help) return null
  return (
    <Text size="sm" mt={4}>
      {help.text}{' '}
      {help.kind ? (
        <Anchor href={linkTo('alerts', help.kind)} underline="always">
          What to do
        </Anchor>
      ) : null}
    </Text>
  )
}

function StateActions({ event, state }: { event: Schemas['EventDto']; state: string }) {
  const may = useMay('OPERATOR')
  if (!may || state === 'CLOSED' || state === 'ENDED') return null
  const path = { id: event.id }
  const platforms = event.channels.map((channel) => channelName(channel, event.channels)).join(', ') || 'No platform'
  return (
    <div className="actions">
      {state === 'RED_ALARM' ? (
        <ActionButton work={() => post('/api/v1/events/{id}/reopen', { path })}>Reopen</ActionButton>
      ) : null}
      {state === 'PAUSED' ? (
        <ActionButton work={() => post('/api/v1/events/{id}/resume', { path })}>Resume sales</ActionButton>
      ) : (
        <ActionButton work={() => post('/api/v1/events/{id}/pause', { path })}>Pause sales</ActionButton>
      )}
      <ConfirmButton
        label="Close permanently"
        quiet
        word={event.name}
        plan={[
          `${platforms}: set to waitlist only.`,
          'Holds and direct sales are refused from then on.',
          'This cannot be undone.',
        ]}
        work={() => post('/api/v1/events/{id}/close', { path })}
      />
    </div>
  )
}
