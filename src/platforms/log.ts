/** Log function of the platform clients. `details` must not contain secrets. */
export type Log = (level: 'debug' | 'info' | 'warn', message: string, details: Record<string, unknown>) => void
