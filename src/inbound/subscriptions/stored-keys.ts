import type { Platform } from '../../domain/channel.js'

/** Key of a stored value of a platform. */
export const signatureKey = (platform: Platform) => `webhook-signatures:${platform}`

/** Keys of stored values of a connection, by its id. */
export const subscriptionKey = (connectionId: string) => `webhook-subscription:${connectionId}`
export const secretKey = (connectionId: string) => `webhook-secret:${connectionId}`
