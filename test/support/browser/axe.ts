import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding {
  id: string
  impact: string
  nodes: { html: string }[]
}

/** Serious and critical findings, of axe's rules for WCAG 2.2 A and AA and of its best practices. */
export async function findings(page: Page): Promise<string[]> {
  // A dialog that is opening is half transparent.
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)).then(() => undefined, () => undefined)',
  )
  // Not by a script element: the page's policy would refuse it.
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(AXE)
  const { violations, passes } = await page.evaluate<{ violations: Finding[]; passes: Finding[] }>(
    "axe.run({ resultTypes: ['violations'] })",
  )
  expect(passes.length).toBeGreaterThan(10)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}
