import type { Config } from './config.js'
import { LOOPBACK } from './loopback.js'

/** What is valid, and most likely not intended: logged at the start. */
export function configWarnings(config: Pick<Config, 'weakSecrets' | 'http' | 'mail'>): string[] {
  const { weakSecrets } = config
  const mailLinks = mailLinkProblem(config)
  return [
    ...(weakSecrets.length === 0
      ? []
      : [`${weakSecrets.join(', ')}: easy to guess, and refused as soon as other machines can reach the service`]),
    ...(mailLinks === null ? [] : [`PUBLIC_URL: ${mailLinks}`]),
  ]
}

/** Why the recipients of mails cannot open their links; null: no mails are sent, or other machines may reach the address. */
export function mailLinkProblem({ http, mail }: Pick<Config, 'http' | 'mail'>): string | null {
  if (mail.smtpUrl === null || !isOwnAddress(new URL(http.publicUrl).hostname)) return null
  return `links in mails lead to ${http.publicUrl}, which no other machine can open`
}

/** Also the address of all interfaces, which PUBLIC_URL has by default where HOST is that one. */
function isOwnAddress(host: string): boolean {
  return LOOPBACK.test(host) || host === '0.0.0.0' || host === '[::]'
}
