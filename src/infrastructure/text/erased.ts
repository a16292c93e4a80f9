/** In place of a name or an address that was erased, where the column cannot be empty. No mail is sent to it. */
export const ERASED = '[erased]'
