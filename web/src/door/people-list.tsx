import { useState } from 'react'
import type { Person, Ticket, Times } from './people/people'
import { PersonRow } from './person-row'

/** As many as are worth scrolling through; the search finds the others. */
const STEP = 60

interface PeopleListProps {
  found: readonly Person[]
  times: Times
  zone: string
  channelOf: (person: Person) => string
  onCheckIn: (person: Person, tickets: Ticket[]) => void
  /** Null: the role may not. */
  onTakeBack: ((ticketId: string) => Promise<void>) | null
}

export function PeopleList({ found, channelOf, ...row }: PeopleListProps) {
  const [shown, setShown] = useState(STEP)
  if (found.length === 0) return <p className="nothing">No such name. Press Enter to check it as a code.</p>
  return (
    <>
      <ul className="people" aria-label="People">
        {found.slice(0, shown).map((person) => (
          <PersonRow key={person.id} person={person} channel={channelOf(person)} {...row} />
        ))}
      </ul>
      {found.length > shown ? (
        <button type="button" className="more" onClick={() => setShown(shown + STEP)}>
          More ({found.length - shown})
        </button>
      ) : null}
    </>
  )
}
