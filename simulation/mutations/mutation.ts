import { readFile } from 'node:fs/promises'

/** A change of one production source. */
export interface Edit {
  /** From the project's root. */
  file: string
  /** Occurs exactly once in the file. */
  find: string
  replace: string
}

/** A fault planted in production sources, in memory only. */
export interface Mutation extends Edit {
  name: string
  /** Further edits: of a fault that needs several, or of a guard that would make it harmless. */
  also?: readonly Edit[]
}

export interface MutatedSource {
  url: string
  source: string
}

export class MutationOutdated extends Error {}

const ROOT = new URL('../../', import.meta.url)

/** The sources with the fault. Throws MutationOutdated when one of its edits no longer applies. */
export async function mutatedSources(mutation: Mutation): Promise<MutatedSource[]> {
  const sources = new Map<string, string>()
  for (const edit of [mutation, ...(mutation.also ?? [])]) {
    const url = new URL(edit.file, ROOT)
    const source = sources.get(url.href) ?? (await readFile(url, 'utf8'))
    sources.set(url.href, apply(edit, source, mutation.name))
  }
  return [...sources].map(([url, source]) => ({ url, source }))
}

function apply({ file, find, replace }: Edit, source: string, name: string): string {
  const [before = '', ...after] = source.split(find)
  if (after.length !== 1) throw new MutationOutdated(`${name}: its text occurs ${after.length} times in ${file}`)
  return `${before}${replace}${after[0]}`
}
