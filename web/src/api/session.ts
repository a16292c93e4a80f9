import { useSyncExternalStore } from 'react'
import type { components } from './schema'

/** Who is signed in in this tab. */
export type Session = components['schemas']['LoginDto']
export type Role = Session['user']['role']

const KEY = 'traffic-police-session'
const RANK: Record<Role, number> = { CUSTOMER: 0, DOOR: 0, VIEWER: 1, OPERATOR: 2, ADMIN: 3 }
const listeners = new Set<() => void>()
let current = read()

/** Null: signed out. It lives as long as the tab; the cookie only authorizes streams and downloads. */
export function session(): Session | null {
  return current
}

export function keepSession(session: Session): void {
  sessionStorage.setItem(KEY, JSON.stringify(session))
  change(session)
}

export function forgetSession(): void {
  sessionStorage.removeItem(KEY)
  change(null)
}

export function useSession(): Session | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

/** Whether who is signed in may do what this role may. */
export function useMay(role: Role): boolean {
  const own = useSession()?.user.role
  return own !== undefined && RANK[own] >= RANK[role]
}

function change(next: Session | null): void {
  current = next
  for (const listener of listeners) listener()
}

function read(): Session | null {
  const text = sessionStorage.getItem(KEY)
  if (text === null) return null
  const kept = JSON.parse(text) as Session
  return new Date(kept.expiresAt).getTime() > Date.now() ? kept : null
}
