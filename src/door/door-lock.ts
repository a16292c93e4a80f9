/** What changes who is let in at one event happens one after another, under this lock. */
export const doorLock = (eventId: string) => `door of ${eventId}`

/** How long it is waited for, ms. */
export const DOOR_LOCK_TIMEOUT_MS = 5_000
