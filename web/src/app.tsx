import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import { useSession, type Session } from './api/session'
import { ConnectionContext, useStream } from './api/stream'
import { AlertsPage } from './alerts/alerts-page'
import { Overview } from './overview/overview'
import { Frame } from './shell/frame'
import { Login } from './shell/login'
import { ChoosePassword, RequestPassword } from './shell/new-password'
import { NoPageNotice } from './shell/no-page-notice'
import { VerifyEmail } from './shell/verify-email'
import { CustomerPage } from './tickets/customer-page'
import { Waiting } from './ui/feedback'
import { useRoute } from './ui/route'

const NewEventPage = lazy(() => import('./new-event/new-event-page'))
const SetupPage = lazy(() => import('./new-event/setup-page'))
const EventPage = lazy(() => import('./event/event-page'))
const SystemPage = lazy(() => import('./system/system-page'))
const AccountPage = lazy(() => import('./accounts/account-page'))

export function App() {
  const session = useSession()
  const client = useQueryClient()
  const [section, token] = useRoute()
  // The next user must not see what the previous one has read.
  useEffect(() => {
    if (!session) client.clear()
  }, [session, client])
  if (section === 'verify' && token) return <VerifyEmail key={token} token={token} />
  if (section === 'password' && token) return <ChoosePassword key={token} token={token} />
  if (section === 'password' && !session) return <RequestPassword />
  if (!session) return <Login />
  const { role } = session.user
  if (role === 'CUSTOMER') return <CustomerPage />
  if (role === 'DOOR') return <NoPageNotice />
  return <SignedIn key={session.sessionId} session={session} />
}

function SignedIn({ session }: { session: Session }) {
  const connection = useStream()
  return (
    <ConnectionContext value={connection}>
      <Frame user={session.user}>
        <Suspense fallback={<Waiting />}>
          <Page />
        </Suspense>
      </Frame>
    </ConnectionContext>
  )
}

function Page() {
  const [section, id, part] = useRoute()
  if (section === 'events' && id === 'new') return <NewEventPage />
  if (section === 'events' && id && part === 'setup') return <SetupPage key={id} id={id} />
  if (section === 'events' && id) return <EventPage key={id} id={id} part={part ?? 'channels'} />
  if (section === 'alerts') return <AlertsPage />
  if (section === 'system') return <SystemPage part={id ?? 'mode'} />
  if (section === 'account') return <AccountPage />
  return <Overview />
}
