import { useEffect, useState } from 'react'
import type { KeptState } from './door-state'
import { queued } from './device/queue'
import { keptEvents, unseal } from './device/vault'

/** The events whose lists are on this device, and how to get one. */
export function EventsOnDevice() {
  const [events, setEvents] = useState<{ id: string; name: string }[]>([])
  useEffect(() => {
    void (async () => {
      // An event whose list has expired may still have entries to send.
      const ids = new Set([...(await keptEvents()), ...(await queued()).map(({ eventId }) => eventId)])
      const named = [...ids].map(async (id) => {
        const state = await unseal<KeptState>(id, 'state')
        return { id, name: state?.event.name ?? `Event ${id}, to be sent` }
      })
      setEvents(await Promise.all(named))
    })()
  }, [])
  return (
    <main className="notice">
      <h1>Door</h1>
      {events.length > 0 ? (
        <>
          <h2>On this device</h2>
          <ul>
            {events.map(({ id, name }) => (
              <li key={id}>
                <a href={`/door/${encodeURIComponent(id)}`}>{name}</a>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <p>
        To open an event here, use its link: the page of the event has it as “Door”, and a device that is at the door
        already shows it as a QR code under “Other devices”.
      </p>
    </main>
  )
}
