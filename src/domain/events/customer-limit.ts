/** Tickets that one customer can hold and have bought of an event that was created without a limit of its own. */
export const DEFAULT_CUSTOMER_LIMIT = 10
