import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useSession } from '../api/session'
import { Door, type DoorView } from './door'

/** How often other devices' check-ins are read, ms. */
const EVERY_MS = 3_000

/** The event on this device, in contact with the service for as long as the page is visible. `failure`: nothing can be kept. */
export function useDoor(eventId: string): [door: Door, view: DoorView, failure: string | null] {
  const door = useMemo(() => new Door(eventId), [eventId])
  const [failure, setFailure] = useState<string | null>(null)
  const sessionId = useSession()?.sessionId
  const view = useSyncExternalStore(door.subscribe, door.current)
  useEffect(() => {
    const fail = (error: unknown) => setFailure(error instanceof Error ? error.message : String(error))
    let busy = false
    const synchronize = async () => {
      if (busy || door.current().phase === 'opening' || document.visibilityState === 'hidden') return
      busy = true
      await door.synchronize().catch(fail)
      busy = false
    }
    const now = () => void synchronize()
    if (door.current().phase === 'opening') door.open().then(now, fail)
    else now()
    const timer = setInterval(now, EVERY_MS)
    const moments = ['online', 'offline', 'focus'] as const
    for (const moment of moments) window.addEventListener(moment, now)
    document.addEventListener('visibilitychange', now)
    return () => {
      clearInterval(timer)
      for (const moment of moments) window.removeEventListener(moment, now)
      document.removeEventListener('visibilitychange', now)
    }
  }, [door, sessionId])
  return [door, view, failure]
}
