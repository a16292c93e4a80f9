import { invocationOf } from '../../infrastructure/config/command-line.js'

/** How this program was invoked, for copyable hints. */
export const PROGRAM_NAME = invocationOf().programName
