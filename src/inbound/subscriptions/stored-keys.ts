import type { Platform } from '../../domain/channel.js'

/** Keys of stored values of a platform. */
export const signatureKey = (platform: Platform) => `webhook-signatures:${platform}`
export const subscriptionKey = (platform: Platform) => `webhook-subscription:${platform}`
export const secretKey = (platform: Platform) => `${platform.toLowerCase()}-webhook-secret`
