import type { Platform } from '../domain/channel.js'
import { EVENTBRITE_TRAITS } from './eventbrite/traits.js'
import { LUMA_TRAITS } from './luma/traits.js'
import { MANUAL_TRAITS } from './manual/traits.js'
import { MEETUP_TRAITS } from './meetup/traits.js'
import type { PlatformTraits, RateLimitTraits } from './traits.js'

/** Every platform of the service: a new one is added here and in `platforms.module.ts`. */
const TRAITS: Readonly<Record<Platform, PlatformTraits>> = {
  EVENTBRITE: EVENTBRITE_TRAITS,
  LUMA: LUMA_TRAITS,
  MEETUP: MEETUP_TRAITS,
  MANUAL: MANUAL_TRAITS,
}

/** `platform`: from a row or an adapter. Throws for a name without a plug-in, such as a platform that was removed. */
export function traitsOf(platform: string): PlatformTraits {
  const traits = (TRAITS as Readonly<Record<string, PlatformTraits | undefined>>)[platform]
  if (!traits) throw new Error(`no traits for platform ${platform}`)
  return traits
}

/** Of a platform with an API. Throws for one without. */
export function rateLimitTraitsOf(platform: Platform): RateLimitTraits {
  const { rateLimit } = traitsOf(platform)
  if (!rateLimit) throw new Error(`${platform} has no API, and so no rate limit`)
  return rateLimit
}

/** The traits of every platform. */
export function allTraits(): PlatformTraits[] {
  return Object.values(TRAITS)
}

/** Platforms whose changes are polled. */
export function polledPlatforms(): Platform[] {
  return allTraits()
    .filter(({ polling }) => polling !== null)
    .map(({ platform }) => platform)
}
