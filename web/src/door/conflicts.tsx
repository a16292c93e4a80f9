import type { Door, DoorView } from './door'
import type { DoorEvent } from './door-state'
import { TimeOfDay } from './time-of-day'

interface ConflictsProps {
  door: Door
  view: DoorView
  event: DoorEvent
}

/** Check-ins of this device that turned out not to be the first, or not to be valid. */
export function Conflicts({ door, view: { conflicts, people }, event }: ConflictsProps) {
  if (conflicts.length === 0) return null
  return (
    <section className="conflicts" aria-label="Conflicts">
      <h2>Let in here, but not first</h2>
      <ul>
        {conflicts.map((conflict) => (
          <li key={conflict.id}>
            <span>
              <strong>{people.withTicket(conflict.ticketId ?? '')?.name ?? 'A ticket'}</strong>, here at{' '}
              <TimeOfDay at={conflict.at} zone={event.timezone} />:{' '}
              {conflict.firstAt ? (
                <>
                  in since <TimeOfDay at={conflict.firstAt} zone={event.timezone} />
                </>
              ) : (
                conflict.detail
              )}
            </span>
            <button type="button" onClick={() => void door.dismiss(conflict)}>
              Seen
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
