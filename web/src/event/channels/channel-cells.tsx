import { Group, Stack, Text } from '@mantine/core'
import { post, type Schemas } from '../../api/client'
import { ActionButton } from '../../ui/action'
import { count, Count } from '../../ui/count'
import { labelOf } from '../../ui/labels'
import { StateBadge } from '../../ui/state-badge'
import { Age, span, Unknown } from '../../ui/times'
import { ChangeChannel } from './change-channel'
import { DetachChannel } from './detach-channel'
import type { DriftState } from './drift-cell'

type StockChannel = Schemas['StockDto']['channels'][number]

/** The state of a channel, merged from three API responses. */
export interface Row extends StockChannel {
  name: string
  detail: Schemas['ChannelDetailDto'] | undefined
  settings: Schemas['EventChannelDto'] | undefined
  health: Schemas['PlatformStateDto'] | undefined
  drift: DriftState
}

export function NameCell({ row }: { row: Row }) {
  return (
    <Stack gap={0}>
      <Text fw={600} size="sm">
        {row.name}
      </Text>
      {row.state && row.state !== 'ATTACHED' ? (
        <Text size="xs" c="dimmed">
          {row.state === 'DETACHED' ? 'detached: no longer read or written' : 'being closed, then detached'}
        </Text>
      ) : null}
      {row.detail?.syncError ? (
        <Text size="xs" className="on-danger" maw={260}>
          ⚠ {row.detail.syncError}
        </Text>
      ) : null}
    </Stack>
  )
}

export function CapsCell({ row }: { row: Row }) {
  const unconfirmed = row.detail?.unconfirmedCap
  return (
    <>
      <span className="short">
        <Count of={row.desiredCap} /> / <Count of={row.confirmedCap} />
      </span>
      {typeof unconfirmed === 'number' ? (
        <Text size="xs" c="dimmed">
          {count(unconfirmed)} sent, not confirmed
        </Text>
      ) : null}
      {typeof row.settings?.maxUnits === 'number' ? (
        <Text size="xs" c="dimmed">
          at most {count(row.settings.maxUnits)}
        </Text>
      ) : null}
    </>
  )
}

/** Null here is not "unknown number" but "no bound is known", which is worse. */
export function ExposureCell({ row }: { row: Row }) {
  const carts = row.detail?.pendingTickets ?? 0
  return (
    <>
      {typeof row.exposure === 'number' ? count(row.exposure) : 'unbounded'}
      {carts > 0 ? (
        <Text size="xs" c="dimmed">
          {count(carts)} in carts
        </Text>
      ) : null}
    </>
  )
}

export function VelocityCell({ row }: { row: Row }) {
  const velocity = row.velocityPerHour
  if (typeof velocity !== 'number') return <Unknown />
  return <>{velocity < 100 ? velocity.toFixed(1) : count(Math.round(velocity))}</>
}

export function ModeCell({ row }: { row: Row }) {
  const desired = row.detail?.desiredMode
  const differs = desired !== undefined && desired !== row.mode
  return (
    <Group gap={4}>
      <StateBadge state={row.mode} />
      {row.detail?.pausedSince ? (
        <Text size="xs" c="dimmed">
          paused manually
        </Text>
      ) : differs ? (
        <Text size="xs" c="dimmed">
          desired: {labelOf(desired)}
        </Text>
      ) : null}
    </Group>
  )
}

/** For a platform without webhooks: the last poll. */
export function LastWebhookCell({ row }: { row: Row }) {
  if (row.health?.hasWebhooks === false) {
    return (
      <span className="short">
        polled <Age at={row.detail?.lastPullAt} />
      </span>
    )
  }
  return <Age at={row.lastWebhookAt} className="short" />
}

export function ThrottleCell({ row }: { row: Row }) {
  const wait = row.health?.throttleWaitMs
  if (typeof wait !== 'number') return <Unknown />
  return <span className="short">{wait === 0 ? 'no wait' : `waits ${span(wait)}`}</span>
}

export function BreakerCell({ row }: { row: Row }) {
  if (!row.health) return <Unknown />
  return <>{{ CLOSED: 'closed', OPEN: '⚠ open', HALF_OPEN: 'half-open' }[row.health.breaker] ?? row.health.breaker}</>
}

/** Pause, resume, sync, change and detach one channel. */
export function ChannelActions({ eventId, row }: { eventId: string; row: Row }) {
  const { name } = row
  const path = { id: eventId, channel: row.id }
  if (row.state === 'DETACHED') return null
  if (row.state === 'DETACHING') return <DetachChannel eventId={eventId} name={name} channel={row.id} />
  return (
    <div className="actions two">
      {row.detail?.pausedSince ? (
        <ActionButton
          size="compact-xs"
          aria-label={`Resume ${name}`}
          work={() => post('/api/v1/events/{id}/channels/{channel}/resume', { path })}
        >
          Resume
        </ActionButton>
      ) : (
        <ActionButton
          size="compact-xs"
          aria-label={`Pause ${name}`}
          work={() => post('/api/v1/events/{id}/channels/{channel}/pause', { path })}
        >
          Pause
        </ActionButton>
      )}
      <ActionButton
        size="compact-xs"
        aria-label={`Sync now: ${name}`}
        work={() => post('/api/v1/events/{id}/channels/{channel}/sync', { path })}
      >
        Sync now
      </ActionButton>
      {row.settings ? <ChangeChannel eventId={eventId} name={name} channel={row.settings} /> : null}
      <DetachChannel eventId={eventId} name={name} channel={row.id} />
    </div>
  )
}
