import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/load-config.js'
import { clientOf, normalizeAddress, trustOf } from './addresses.js'

const trusted = (value: string, address: string, hop = 0) =>
  trustOf(loadConfig({ TRUSTED_PROXIES: value }).http.trustedProxies)(address, hop)

describe('normalizeAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['::', '::'],
  ])('reads %s as %s', (text, address) => expect(normalizeAddress(text)).toBe(address))

  it.each([
    '',
    'unknown',
    '_hidden',
    '1.2.3',
    '1.2.3.4.5',
    '300.1.1.1',
    '2001:db8',
    '[]',
    'a'.repeat(16_000),
    '<script>',
  ])('finds no address in %.20s', (text) => expect(normalizeAddress(text)).toBeNull())
})

describe('clientOf', () => {
  it('is an IPv4 address, also a mapped one', () => {
    expect(clientOf('203.0.113.7')).toBe('203.0.113.7')
    expect(clientOf('::ffff:203.0.113.7')).toBe('203.0.113.7')
  })

  it('is the /64 of an IPv6 address', () => {
    expect(clientOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(clientOf('2001:db8:1:2::')).toBe('2001:db8:1:2::/64')
    expect(clientOf('2001:db8::5')).toBe('2001:db8:0:0::/64')
    expect(clientOf('::1')).toBe('0:0:0:0::/64')
  })

  it('is one for everything that is no address', () => {
    expect(clientOf('unknown')).toBe('unknown')
    expect(clientOf('')).toBe('unknown')
  })
})

describe('trustOf', () => {
  it('trusts no peer by default', () => {
    expect(trustOf(null)('127.0.0.1', 0)).toBe(false)
  })

  it('trusts addresses and networks of both families, however they are written', () => {
    expect(trusted('10.0.0.1, 192.168.0.0/16', '10.0.0.1')).toBe(true)
    expect(trusted('10.0.0.1, 192.168.0.0/16', '::ffff:192.168.9.9')).toBe(true)
    expect(trusted('10.0.0.1, 192.168.0.0/16', '10.0.0.2')).toBe(false)
    expect(trusted('fd00::/8,::1', 'fd12:3456::1')).toBe(true)
    expect(trusted('fd00::/8,::1', '0:0:0:0:0:0:0:1')).toBe(true)
    expect(trusted('fd00::/8,::1', '2001:db8::1')).toBe(false)
    expect(trusted('10.0.0.1', 'unknown')).toBe(false)
  })

  it('trusts a number of hops', () => {
    expect([0, 1, 2].map((hop) => trusted('2', '203.0.113.1', hop))).toEqual([true, true, false])
  })
})
