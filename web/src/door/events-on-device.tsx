import { useEffect, useState } from 'react'
import type { KeptState } from './door-state'
import { keptEvents, unseal } from './device/vault'

/** The events whose lists are on this device, and how to get one. */
export function EventsOnDevice() {
  const [events, setEvents] = useState<{ id: string; name: string }[]>([])
  useEffect(() => {
    void (async () => {
      const ids = await keptEvents()
      const kept = await Promise.all(ids.map((id) => unseal<KeptState>(id, 'state')))
      setEvents(kept.flatMap((state) => (state ? [{ id: state.event.id, name: state.event.name }] : [])))
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
