/** Shown at the door, and to who opens the former code. */
export const TRANSFERRED = 'The ticket was transferred to another person: this code is no longer valid.'
