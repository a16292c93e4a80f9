import { useState } from 'react'
import { useSession } from '../api/session'
import { DoorPage } from './door-page'
import { EventsOnDevice } from './events-on-device'
import { SignIn } from './sign-in'
import { useDoor } from './use-door'

/** The page of one event at the door; without one, those that this device knows. */
export function DoorApp({ eventId }: { eventId: string }) {
  // Only secure pages may encrypt, use the camera and work offline.
  if (!window.isSecureContext) {
    return <Notice title="This page needs https">Open it by an address that begins with https.</Notice>
  }
  return eventId === 'start' ? <EventsOnDevice /> : <EventAtDoor eventId={eventId} />
}

function EventAtDoor({ eventId }: { eventId: string }) {
  const session = useSession()
  const [door, view, failure] = useDoor(eventId)
  const [signingIn, setSigningIn] = useState(false)
  if (session?.user.role === 'CUSTOMER') {
    return <Notice title="This page is for staff">Sign in as a user with the role for the door.</Notice>
  }
  if (failure) return <Notice title="The list cannot be kept on this device">{failure}</Notice>
  if (view.phase === 'opening') return <Notice title="Door">Opening…</Notice>
  if (view.phase === 'ended') {
    return <Notice title="This event has ended">Its list was deleted from this device.</Notice>
  }
  if (!session && (signingIn || view.phase === 'empty')) return <SignIn />
  if (view.phase === 'empty' || !view.event) {
    return <Notice title="Door">{view.problem ?? 'Loading the list…'}</Notice>
  }
  return <DoorPage door={door} view={view} event={view.event} onSignIn={() => setSigningIn(true)} />
}

function Notice({ title, children }: { title: string; children: string }) {
  return (
    <main className="notice">
      <h1>{title}</h1>
      <p role="status">{children}</p>
    </main>
  )
}
