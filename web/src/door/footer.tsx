import { useState } from 'react'
import { signOut } from '../shell/sign-out'
import type { Door, DoorView } from './door'
import { OtherDevices } from './other-devices'

/** What is rarely needed. */
export function Footer({ door, view }: { door: Door; view: DoorView }) {
  const [leaving, setLeaving] = useState(false)
  const leave = async () => {
    await door.synchronize()
    if (door.current().queue.length > 0) setLeaving(true)
    else await forget()
  }
  const forget = async () => {
    await door.wipeDevice()
    // Without a connection the session ends here, and expires at the service.
    await signOut().catch(() => {})
    window.location.assign('/door/start')
  }
  return (
    <footer>
      <OtherDevices />
      <button type="button" onClick={() => window.print()}>
        Print the list
      </button>
      <a href={`/api/v1/events/${encodeURIComponent(door.eventId)}/attendees.csv`} download>
        List as CSV
      </a>
      <button type="button" onClick={() => void leave()}>
        Sign out and delete the list
      </button>
      {leaving ? (
        <div role="alert" className="problem">
          <p>{view.queue.length} check-ins are only on this device. They are lost if the list is deleted now.</p>
          <button type="button" onClick={() => setLeaving(false)}>
            Keep them
          </button>
          <button type="button" onClick={() => void forget()}>
            Delete them
          </button>
        </div>
      ) : null}
    </footer>
  )
}
