import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { labelOf } from '../ui/labels'
import type { DoorEvent } from './door-state'
import type { People, Times } from './people/people'
import { TimeOfDay } from './time-of-day'

/** The whole list on paper, for building security; rendered only while it is printed. */
export function PrintedList({ event, people, times }: { event: DoorEvent; people: People; times: Times }) {
  const [isPrinting, setPrinting] = useState(false)
  useEffect(() => {
    const begin = () => flushSync(() => setPrinting(true))
    const end = () => setPrinting(false)
    window.addEventListener('beforeprint', begin)
    window.addEventListener('afterprint', end)
    return () => {
      window.removeEventListener('beforeprint', begin)
      window.removeEventListener('afterprint', end)
    }
  }, [])
  if (!isPrinting) return null
  return (
    <section className="printed">
      <h1>{event.name}</h1>
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>Channel</th>
            <th>Ticket</th>
            <th>In at</th>
          </tr>
        </thead>
        <tbody>
          {people.all.flatMap(({ name, platform, tickets }) =>
            tickets.map(({ id, ticketType }) => {
              const at = times.get(id)
              return (
                <tr key={id}>
                  <td>{name ?? 'No name'}</td>
                  <td>{labelOf(platform)}</td>
                  <td>{ticketType}</td>
                  <td>{at ? <TimeOfDay at={at} zone={event.timezone} /> : null}</td>
                </tr>
              )
            }),
          )}
        </tbody>
      </table>
    </section>
  )
}
