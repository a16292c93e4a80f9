import { useState } from 'react'
import { firstTime, missing, type Person, type Ticket, type Times } from './people/people'
import { TimeOfDay } from './time-of-day'

interface PersonRowProps {
  person: Person
  channel: string
  times: Times
  zone: string
  onCheckIn: (person: Person, tickets: Ticket[]) => void
  onTakeBack: ((ticketId: string) => Promise<void>) | null
}

/** A person with all of their tickets: one tap lets all of them in. */
export function PersonRow({ person, channel, times, zone, onCheckIn, onTakeBack }: PersonRowProps) {
  const out = missing(person, times)
  const { tickets } = person
  const name = person.name ?? 'No name'
  const first = firstTime(person, times)
  const state = out.length === 0 ? 'in' : out.length === tickets.length ? 'out' : 'partly'
  return (
    <li data-state={state}>
      <div className="who">
        <span className="name">{name}</span>
        <span className="about">
          {[channel, person.ticketType].filter(Boolean).join(' · ')}
          {' · '}
          {first ? (
            <>
              {state === 'in' ? 'in since ' : `${tickets.length - out.length} of ${tickets.length} in since `}
              <TimeOfDay at={first} zone={zone} />
            </>
          ) : (
            'not in'
          )}
        </span>
      </div>
      <div className="buttons">
        {out.length > 1 ? (
          <button type="button" aria-label={`One of ${name}`} onClick={() => onCheckIn(person, out.slice(0, 1))}>
            One
          </button>
        ) : null}
        <button
          type="button"
          className={state === 'in' ? 'done' : 'main'}
          aria-label={labelFor(name, out.length)}
          onClick={() => onCheckIn(person, out.length > 0 ? out : tickets)}
        >
          {state === 'in' ? 'In' : out.length === 1 ? 'Check in' : `All ${out.length}`}
        </button>
      </div>
      {onTakeBack && first ? <TakeBack person={person} times={times} zone={zone} onTakeBack={onTakeBack} /> : null}
    </li>
  )
}

function labelFor(name: string, out: number): string {
  if (out === 0) return `${name} is in`
  return out === 1 ? `Check in ${name}` : `Check in all ${out} of ${name}`
}

interface TakeBackProps {
  person: Person
  times: Times
  zone: string
  onTakeBack: (ticketId: string) => Promise<void>
}

function TakeBack({ person, times, zone, onTakeBack }: TakeBackProps) {
  const [error, setError] = useState<string | null>(null)
  const takeBack = (ticketId: string) => {
    setError(null)
    onTakeBack(ticketId).catch((failure: unknown) =>
      setError(failure instanceof Error ? failure.message : String(failure)),
    )
  }
  return (
    <details>
      <summary>Take back</summary>
      {person.tickets.map(({ id }) => {
        const at = times.get(id)
        return at ? (
          <button key={id} type="button" onClick={() => takeBack(id)}>
            Take back <TimeOfDay at={at} zone={zone} />
          </button>
        ) : null
      })}
      {error ? (
        <p role="alert" className="problem">
          {error}
        </p>
      ) : null}
    </details>
  )
}
