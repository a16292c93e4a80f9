import { GROUPS, infoOf, type VariableGroup } from '../environment.js'
import { OTHER_GROUPS, type OtherGroup, type OtherVariable } from './other-variables.js'

export type Entry = OtherVariable
export type EntryGroup = OtherGroup & { note?: string }

/** Every variable a user can set, in groups: first those of the service, then those of other programs. */
export function allGroups(): EntryGroup[] {
  return [...GROUPS.map(fromSchema), ...OTHER_GROUPS]
}

function fromSchema({ title, note, variables }: VariableGroup): EntryGroup {
  return { title, note, variables: Object.keys(variables).map(toEntry) }
}

function toEntry(name: string): Entry {
  const { default: text, unset, ...info } = infoOf(name)
  return { name, default: text === null ? unset : `\`${text}\``, ...info }
}
