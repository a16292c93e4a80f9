import { post } from '../api/client'
import { ActionButton } from '../ui/action'
import type { Row } from './channel-table'

/** Pause, resume and sync one channel. */
export function ChannelActions({ eventId, row }: { eventId: string; row: Row }) {
  const { name } = row
  const path = { id: eventId, channel: row.id }
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
    </div>
  )
}
