/** Who offers free tickets to the waitlist: an operator, or the service as soon as there are some. */
export const WAITLIST_POLICIES = ['MANUAL', 'AUTOMATIC'] as const
export type WaitlistPolicy = (typeof WAITLIST_POLICIES)[number]
