import { BlockList, isIPv4 } from 'node:net'
import { normalizeAddress } from '../http/clients/addresses.js'

/** Of the IANA registry of special-purpose addresses: what is not reachable everywhere, and multicast. */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]
/** All that is allocated for unicast, and what in it is special: Teredo, ORCHID, documentation, 6to4. */
const UNICAST_IPV6 = ['2000::/3']
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']
/** As which networks without IPv4 reach it: the last 32 bits are the address. */
const TRANSLATED_IPV4 = '64:ff9b::'

const notPublicIpv4 = listOf(NOT_PUBLIC_IPV4, 'ipv4')
const unicastIpv6 = listOf(UNICAST_IPV6, 'ipv6')
const notPublicIpv6 = listOf(NOT_PUBLIC_IPV6, 'ipv6')

/** Whether an IP address is one of the internet, not of this machine, its networks or their routers. */
export function isPublicAddress(text: string): boolean {
  const address = normalizeAddress(text)
  if (address === null) return false
  if (isIPv4(address)) return !notPublicIpv4.check(address, 'ipv4')
  if (address.startsWith(TRANSLATED_IPV4)) {
    const embedded = normalizeAddress(`::ffff:${address.slice(TRANSLATED_IPV4.length)}`)
    return embedded !== null && isIPv4(embedded) && isPublicAddress(embedded)
  }
  return unicastIpv6.check(address, 'ipv6') && !notPublicIpv6.check(address, 'ipv6')
}

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}
