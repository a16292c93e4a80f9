import { isIP } from 'node:net'

const PRIVATE_RANGES = [
  /^127\./,
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^0\./,
  /^::1?$/,
  /^f[cd]/i,
  /^fe80/i,
]

/** True if the internet can reach the URL's host: not loopback, not a private range, not a bare host name. */
export function isPublicAddress(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  if (isIP(host)) return !PRIVATE_RANGES.some((range) => range.test(host))
  return host.includes('.') && !/(^|\.)(localhost|local|internal|test|invalid|example)$/i.test(host)
}

/** True if the platform can reach the URL: a platform on the internet needs a public one, a platform on our network does not. */
export function canReach(platformUrl: string, url: string): boolean {
  return isPublicAddress(url) || !isPublicAddress(platformUrl)
}
