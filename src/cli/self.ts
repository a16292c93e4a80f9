import { callOf } from '../infrastructure/config/command-line.js'

/** How this program was called, for hints that can be copied. */
export const SELF = callOf().self
