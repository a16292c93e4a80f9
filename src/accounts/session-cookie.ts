const NAME = 'trafficpolice_session'

/** Session cookie for browser requests that cannot send an Authorization header: event streams and the queue page. */
export function writeSessionCookie(token: string, expiresAt: Date, https: boolean): string {
  return `${NAME}=${token}; Path=/; Expires=${expiresAt.toUTCString()}; HttpOnly; SameSite=Strict${https ? '; Secure' : ''}`
}

export function clearSessionCookie(): string {
  return `${NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`
}

export function readSessionCookie(header: string | undefined): string | null {
  const pair = header?.split(';').find((part) => part.trim().startsWith(`${NAME}=`))
  return pair?.trim().slice(NAME.length + 1) || null
}
