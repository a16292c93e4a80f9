import type { Door, DoorView } from './door'
import type { Conflict, DoorEvent } from './door-state'
import { TimeOfDay } from './time-of-day'

interface ConflictsProps {
  door: Door
  view: DoorView
  event: DoorEvent
}

/** Check-ins of this device that turned out not to be the first, or not to be valid, and people who are not counted. */
export function Conflicts({ door, view: { conflicts }, event }: ConflictsProps) {
  if (conflicts.length === 0) return null
  return (
    <section className="conflicts" aria-label="Conflicts">
      <h2>Let in here, to be checked</h2>
      <ul>
        {conflicts.map((conflict) => (
          <li key={conflict.id}>
            <span>
              <strong>{nameOf(conflict)}</strong>, here at <TimeOfDay at={conflict.at} zone={event.timezone} />:{' '}
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

function nameOf({ name, walkIns }: Conflict): string {
  if (walkIns !== undefined) return `${walkIns} without a ticket, not counted`
  return name ?? 'A ticket'
}
