/** An unknown id. */
export class NotFoundError extends Error {}
