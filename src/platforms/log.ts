/** Where the outbound side reports what it met. Details hold no secret. */
export type Log = (level: 'debug' | 'info' | 'warn', message: string, details: Record<string, unknown>) => void
