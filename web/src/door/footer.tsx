import { useState } from 'react'
import { signOut } from '../shell/sign-out'
import type { Door } from './door'
import { OtherDevices } from './other-devices'

/** What is rarely needed. */
export function Footer({ door }: { door: Door }) {
  /** How many entries would be lost. */
  const [unsent, setUnsent] = useState(0)
  const leave = async () => {
    await door.synchronize()
    const left = await door.unsent()
    if (left === 0) await forget()
    else setUnsent(left)
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
      {unsent > 0 ? (
        <div role="alert" className="problem">
          <p>{unsent} entries are only on this device. They are lost if the list is deleted now.</p>
          <button type="button" onClick={() => setUnsent(0)}>
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
