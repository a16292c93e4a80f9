import { lazy, Suspense, useState } from 'react'
import { session } from '../api/session'
import { labelOf } from '../ui/labels'
import { Conflicts } from './conflicts'
import { ContactBar } from './contact-bar'
import type { Door, DoorView } from './door'
import { inTheRoom, type DoorEvent, type Outcome } from './door-state'
import { Footer } from './footer'
import { OutcomeBanner } from './outcome-banner'
import { PeopleList } from './people-list'
import { PrintedList } from './printed-list'
import { missing } from './people/people'
import { WalkIns } from './walk-ins'

const Camera = lazy(() => import('./scanner/camera'))

interface DoorPageProps {
  door: Door
  view: DoorView
  event: DoorEvent
  onSignIn: () => void
}

/** The door of an event, on a phone. */
export function DoorPage({ door, view, event, onSignIn }: DoorPageProps) {
  const [text, setText] = useState('')
  const [isScanning, setScanning] = useState(false)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const { people, times } = view
  const run = async (work: Promise<Outcome>) => {
    const none = { person: null, at: null, detail: null, code: null }
    setOutcome({ ...none, kind: 'checking' })
    const done = await work.catch((error: unknown): Outcome => ({ ...none, kind: 'refused', detail: String(error) }))
    setOutcome(done)
    navigator.vibrate?.(done.kind === 'in' ? 80 : [120, 80, 120, 80, 120])
  }
  const act = (work: Promise<Outcome>) => void run(work)
  const scan = (code: string, anyway = false) => act(door.scan(code, anyway))
  const found = people.search(text)
  return (
    <>
      <main className="door">
        <header>
          <h1>{event.name}</h1>
          <p className="room" data-testid="room">
            In the room <strong>{inTheRoom(times, view.walkIns, view.queue)}</strong> of {event.capacity}
          </p>
          <ContactBar view={view} onSignIn={onSignIn} />
        </header>
        <Conflicts door={door} view={view} event={event} />
        {isScanning ? (
          <Suspense fallback={<p role="status">Starting the camera…</p>}>
            <Camera onCode={scan} onClose={() => setScanning(false)} />
          </Suspense>
        ) : null}
        {outcome ? (
          <OutcomeBanner
            outcome={outcome}
            zone={event.timezone}
            others={outcome.person ? missing(outcome.person, times) : []}
            onOthers={(person, tickets) => act(door.checkIn(person, tickets))}
            onAnyway={(code) => scan(code, true)}
            onClose={() => setOutcome(null)}
          />
        ) : null}
        <form
          role="search"
          onSubmit={(submitted) => {
            submitted.preventDefault()
            // A typed code, such as one below a barcode.
            if (text.trim() !== '' && (found.length === 0 || people.withCode(text.trim()).length > 0)) scan(text)
          }}
        >
          <input
            type="search"
            aria-label="Search by name, or type a code"
            placeholder="Name or code"
            autoComplete="off"
            value={text}
            onChange={(changed) => setText(changed.target.value)}
          />
          <button type="button" className="main" aria-pressed={isScanning} onClick={() => setScanning(!isScanning)}>
            {isScanning ? 'Stop' : 'Scan'}
          </button>
        </form>
        <WalkIns door={door} isLive={view.contact === 'live'} />
        <PeopleList
          key={text}
          found={found}
          times={times}
          zone={event.timezone}
          channelOf={({ platform }) => labelOf(platform)}
          onCheckIn={(person, tickets) => act(door.checkIn(person, tickets))}
          onTakeBack={mayTakeBack() ? (ticketId) => door.takeBack(ticketId) : null}
        />
        <Footer door={door} />
      </main>
      <PrintedList event={event} people={people} times={times} />
    </>
  )
}

function mayTakeBack(): boolean {
  const role = session()?.user.role
  return role === 'OPERATOR' || role === 'ADMIN'
}
