/** Verifies the lines of a proof. Resolves with the report, in sentences; rejects with an error that says what is wrong. */
export function verify(record: Iterable<string> | AsyncIterable<string>, expectedHash?: string): Promise<string>
