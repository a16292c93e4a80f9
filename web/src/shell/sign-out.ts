import { post } from '../api/client'
import { forgetSession } from '../api/session'

/** Ends the session here and at the service. Without an answer it ends here alone, and by its own at the service. */
export async function signOut(): Promise<void> {
  try {
    await post('/api/v1/auth/logout')
  } finally {
    forgetSession()
  }
}
