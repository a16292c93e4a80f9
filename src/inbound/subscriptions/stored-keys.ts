/** Keys of stored values of a connection, by its id. */
export const signatureKey = (connectionId: string) => `webhook-signatures:${connectionId}`
export const subscriptionKey = (connectionId: string) => `webhook-subscription:${connectionId}`
export const secretKey = (connectionId: string) => `webhook-secret:${connectionId}`
