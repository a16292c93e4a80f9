import { describe, expect, it } from 'vitest'
import { canReach, isPublicAddress } from './public-address.js'

describe('The public URL for webhooks', () => {
  it.each(['https://tickets.example.com', 'http://8.8.8.8:3000', 'https://[2606:4700::1]/'])(
    'treats %s as public',
    (url) => {
      expect(isPublicAddress(url)).toBe(true)
    },
  )

  it.each(['http://127.0.0.1:3000', 'http://0.0.0.0:3000', 'http://localhost', 'http://tickets', 'http://[::1]:3000'])(
    'treats %s as reachable from the own network only',
    (url) => {
      expect(isPublicAddress(url)).toBe(false)
      expect(canReach('https://public-api.luma.com', url)).toBe(false)
      expect(canReach('http://127.0.0.1:4010/v3', url)).toBe(true)
      expect(canReach('http://luma-sandbox:8080', url)).toBe(true)
    },
  )
})
