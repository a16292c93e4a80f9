import { post } from '../api/client'
import { ActionButton } from '../ui/action'
import { wordOf } from '../ui/words'
import type { Row } from './channel-table'

/** Pause, resume and sync one platform. */
export function ChannelActions({ eventId, row }: { eventId: string; row: Row }) {
  const name = wordOf(row.platform)
  const path = { id: eventId, platform: row.platform }
  return (
    <div className="actions two">
      {row.detail?.pausedSince ? (
        <ActionButton
          size="compact-xs"
          aria-label={`Resume ${name}`}
          work={() => post('/api/v1/events/{id}/channels/{platform}/resume', { path })}
        >
          Resume
        </ActionButton>
      ) : (
        <ActionButton
          size="compact-xs"
          aria-label={`Pause ${name}`}
          work={() => post('/api/v1/events/{id}/channels/{platform}/pause', { path })}
        >
          Pause
        </ActionButton>
      )}
      <ActionButton
        size="compact-xs"
        aria-label={`Sync now: ${name}`}
        work={() => post('/api/v1/events/{id}/channels/{platform}/sync', { path })}
      >
        Sync now
      </ActionButton>
    </div>
  )
}
