import type { ApiPlatform } from '../../src/domain/channel.js'
import type { Credentials } from '../../src/platforms/credentials.js'

/** Credentials that the simulated platforms accept, and secrets that sign their webhooks. */
export const CREDENTIALS = {
  eventbriteToken: 'simulated-eventbrite-token',
  eventbriteWebhookToken: 'simulated-webhook-token',
  lumaKey: 'simulated-luma-key',
  meetupToken: 'simulated-meetup-token',
} as const

/** Of the second connection of a platform, and those that replace them. Each has a limit of its own. */
const SECOND = ['second', 'third'] as const
export type Generation = (typeof SECOND)[number]

export const secondCredentials = (platform: ApiPlatform, which: Generation): Credentials => ({
  [NAMES[platform]]: secretOf(platform, which),
})

export const secondSecrets = (platform: ApiPlatform): string[] => SECOND.map((which) => secretOf(platform, which))

const secretOf = (platform: ApiPlatform, which: Generation) => `simulated-${which}-${platform.toLowerCase()}`

const NAMES: Record<ApiPlatform, string> = { EVENTBRITE: 'token', LUMA: 'apiKey', MEETUP: 'accessToken' }
