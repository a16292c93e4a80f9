export interface LicenceFinding {
  name: string
  licence: string
}

export interface AdvisoryFinding {
  id: string
  package: string
  severity: string
  title: string
}

export interface Accepted {
  licences: readonly { package: string; licence: string; reason: string }[]
  advisories: readonly { id: string; reason: string }[]
}

export function isPermitted(expression: unknown): boolean
export function licenceFindings(packages: Record<string, object>): LicenceFinding[]
/** Null: it is not a report. */
export function advisoryFindings(report: unknown): AdvisoryFinding[] | null
export function problems(
  licences: readonly LicenceFinding[],
  advisories: readonly AdvisoryFinding[] | null,
  accepted: Accepted,
): string[]
