/** Attacks until `performance.now()` is `until`; returns what the attackers received. */
export type Attack = (until: number) => Promise<string>
