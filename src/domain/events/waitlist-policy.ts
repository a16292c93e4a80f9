/** Who offers free tickets to the waitlist: an operator, or the service as soon as tickets are available. */
export const WAITLIST_POLICIES = ['MANUAL', 'AUTOMATIC'] as const
export type WaitlistPolicy = (typeof WAITLIST_POLICIES)[number]
