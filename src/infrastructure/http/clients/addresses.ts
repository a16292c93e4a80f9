import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { TrustedProxies } from '../../config/env-parsers.js'
import { remembered } from '../../remembered.js'

/** Whether a forwarded header is trusted that was written by this address; `hop` 0 is the peer of the connection. */
export type TrustProxy = (address: string, hop: number) => boolean

/** Whether the peer of a connection is a trusted proxy: only its `x-request-id` and `traceparent` are accepted. */
export function isTrustedPeer(
  { remoteAddress = '' }: { remoteAddress?: string | undefined },
  trust: TrustProxy,
): boolean {
  return trust(remoteAddress, 0)
}

const MAX_REMEMBERED = 1_000
const IPV4_WITH_PORT = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/
const IN_BRACKETS = /^\[([^\]]*)\](?::\d{1,5})?$/
/** The parts of ::ffff:0:0/96, as which a dual-stack socket shows IPv4. */
const IPV4_MAPPED = ['0', '0', '0', '0', '0', 'ffff']

export function trustOf(proxies: TrustedProxies | null): TrustProxy {
  if (proxies === null) return () => false
  if ('hops' in proxies) return (_address, hop) => hop < proxies.hops
  const trusted = new BlockList()
  for (const network of proxies.networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (bits === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(bits), family)
  }
  // Several checks for each request, nearly always of the same few proxies.
  return remembered(MAX_REMEMBERED, (text) => {
    const address = normalizeAddress(text)
    return address !== null && trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  })
}

/**
 * An IP address in its canonical form, IPv4 also where it is mapped into IPv6; null: it is none. Some proxies add a port,
 * link-local peers have a zone.
 */
export function normalizeAddress(text: string): string | null {
  const trimmed = text.trim()
  const bare = IN_BRACKETS.exec(trimmed)?.[1] ?? IPV4_WITH_PORT.exec(trimmed)?.[1] ?? trimmed
  const address = bare.split('%', 1)[0]!
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return null
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const groups = groupsOf(canonical)
  if (!IPV4_MAPPED.every((group, index) => groups[index] === group)) return canonical
  const bytes = groups.slice(6).flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  return bytes.join('.')
}

/** What counts as one client: an IPv4 address, or the /64 of an IPv6 address, the least that a customer of a network gets. */
export function clientOf(address: string): string {
  const normalized = normalizeAddress(address)
  if (normalized === null) return 'unknown'
  return isIPv4(normalized) ? normalized : `${groupsOf(normalized).slice(0, 4).join(':')}::/64`
}

/** The eight groups of a canonical IPv6 address. */
function groupsOf(canonical: string): string[] {
  const [head = '', tail] = canonical.split('::')
  const left = head === '' ? [] : head.split(':')
  if (tail === undefined) return left
  const right = tail === '' ? [] : tail.split(':')
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}
