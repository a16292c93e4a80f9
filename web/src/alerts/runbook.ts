import text from '../../../RUNBOOK.md?raw'

/** What to do about one kind of alert, as RUNBOOK.md has it. */
export interface RunbookEntry {
  title: string
  /** Paragraphs, and numbered steps. */
  parts: readonly (string | readonly string[])[]
}

/** By kind of alert: the sections of RUNBOOK.md that are headed `KIND: title`. */
export const RUNBOOK: Record<string, RunbookEntry> = Object.fromEntries(
  text
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const heading = /^([A-Z_]+): (.+)\n/.exec(section)
      if (!heading?.[1] || !heading[2]) return []
      return [[heading[1], { title: heading[2], parts: partsOf(section.slice(heading[0].length)) }]]
    }),
)

function partsOf(body: string): (string | string[])[] {
  const blocks = body
    .trim()
    .split(/\n\s*\n/)
    .map((block) => block.trim())
  return blocks.map((block) => {
    if (!/^\d+\. /.test(block)) return oneLine(block)
    return block.split(/\n(?=\d+\. )/).map((step) => oneLine(step.replace(/^\d+\. /, '')))
  })
}

function oneLine(markdown: string): string {
  return markdown.replaceAll(/\s*\n\s*/g, ' ')
}
