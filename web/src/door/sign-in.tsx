import { useState, type FormEvent } from 'react'
import { post, Problem } from '../api/client'
import { keepSession } from '../api/session'

/** Signs in on the device. The list is read afterwards. */
export function SignIn() {
  const [needsCode, setNeedsCode] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const signIn = async (fields: FormData) => {
    const text = (name: string) => String(fields.get(name) ?? '')
    const code = needsCode ? { code: text('code') } : {}
    setBusy(true)
    setError(null)
    try {
      const session = await post('/api/v1/auth/login', {
        body: { email: text('email'), password: text('password'), ...code },
      })
      if (session) keepSession(session)
    } catch (failure) {
      if (failure instanceof Problem && failure.code === 'TOTP_REQUIRED' && !needsCode) setNeedsCode(true)
      else setError(failure instanceof Error ? failure.message : String(failure))
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    void signIn(new FormData(event.currentTarget))
  }
  return (
    <main className="notice">
      <h1>Door</h1>
      <p>For staff at the door: sign in to load the list onto this device.</p>
      <form onSubmit={submit}>
        <label>
          E-mail
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {needsCode ? (
          <label>
            Code of your authenticator app, or a recovery code
            <input name="code" autoComplete="one-time-code" required maxLength={40} autoFocus />
          </label>
        ) : null}
        {error ? (
          <p role="alert" className="problem">
            {error}
          </p>
        ) : null}
        <button type="submit" className="main" disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  )
}
