import { post } from '../api/client'
import { forgetSession } from '../api/session'

/** Ends the session here and at the service. Without a response it ends only here, and expires at the service. */
export async function signOut(): Promise<void> {
  try {
    await post('/api/v1/auth/logout')
  } finally {
    forgetSession()
  }
}
