import { readFile } from 'node:fs/promises'

/** A fault planted in a production source, in memory only. */
export interface Mutation {
  name: string
  /** From the project's root. */
  file: string
  /** Occurs exactly once in the file. */
  find: string
  replace: string
}

export class MutationOutdated extends Error {}

const ROOT = new URL('../../', import.meta.url)

export function urlOf({ file }: Mutation): URL {
  return new URL(file, ROOT)
}

/** The source with the fault. Throws MutationOutdated when it no longer applies. */
export async function mutatedSource(mutation: Mutation): Promise<string> {
  const { name, file, find, replace } = mutation
  const [before = '', ...after] = (await readFile(urlOf(mutation), 'utf8')).split(find)
  if (after.length !== 1) throw new MutationOutdated(`${name}: its text occurs ${after.length} times in ${file}`)
  return `${before}${replace}${after[0]}`
}
